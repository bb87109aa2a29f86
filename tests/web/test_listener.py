"""Where servers listen."""

import asyncio
import contextlib
import socket

from emo_tf.web.listener import listen


def test_answers_are_sent_at_once():
    """Else the second piece of each waits up to 40 ms until the client has confirmed the first."""

    async def option_of_a_connection() -> int:
        options = asyncio.get_running_loop().create_future()

        class Answering(asyncio.Protocol):
            def connection_made(self, transport):
                end = transport.get_extra_info("socket")
                options.set_result(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        with contextlib.closing(listen("127.0.0.1", 0)) as listener:
            async with await asyncio.get_running_loop().create_server(Answering, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                writer.close()
                return await options

    assert asyncio.run(option_of_a_connection()) == 1
