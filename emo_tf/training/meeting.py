"""Where the workers of a cluster wait for each other, with a deadline.

TensorFlow waits for a worker that never comes without end, and does not hear SIGTERM meanwhile. So
all meet on the ports of `TF_CONFIG` first, and leave them free for TensorFlow.
"""

import asyncio
import errno
import hashlib
import re
from asyncio import StreamReader, StreamWriter

from emo_tf.errors import EmoError
from emo_tf.training.tf_config import Worker, Workers

PORT_TIMEOUT_S = 5.0
"""How long a worker waits for its own port, which one that has just ended may still hold."""

_PAUSE_S = 0.1
_HELLO = re.compile(rb"emo-tf worker (\d{1,9}) of ([0-9a-f]{16})\n")
_READY = b"ready\n"


def meet(workers: Workers, *, timeout_s: float) -> None:
    """Returns when every worker has reached every other one, at about the same time on all.

    Each listens on its port, calls all others and says hello, which names its number and a digest
    of the cluster. Whoever was answered by all says ready on those lines. Nobody stops listening
    before all others are ready: by then everybody has met everybody.

    Args:
        workers: Who takes part.
        timeout_s: How long to wait for the others.

    Raises:
        EmoError: Somebody did not come in time, a stranger answers at a worker's address, a worker
            has another `TF_CONFIG`, or this worker's port is taken.
    """
    if workers.others:
        asyncio.run(_Meeting(workers).hold(timeout_s))


class _Meeting:
    def __init__(self, workers: Workers):
        self._workers = workers
        addresses = "\n".join(worker.address for worker in workers.everyone)
        self._digest = hashlib.sha256(addresses.encode()).hexdigest()[:16]
        self._hello = f"emo-tf worker {workers.me} of {self._digest}\n".encode()
        self._found = dict.fromkeys(workers.others, "no connection")
        self._answered: dict[Worker, StreamWriter] = {}
        self._told = False
        self._ready: set[Worker] = set()

    async def hold(self, timeout_s: float) -> None:
        self._over = asyncio.get_running_loop().create_future()
        server = await self._listen()
        calls = [asyncio.create_task(self._call(other)) for other in self._workers.others]
        try:
            await asyncio.wait_for(self._over, timeout_s)
        except TimeoutError:
            raise self._missing(timeout_s) from None
        finally:
            server.close()
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        this = self._workers.this
        loop = asyncio.get_running_loop()
        end = loop.time() + PORT_TIMEOUT_S
        while True:
            try:
                return await asyncio.start_server(self._answer, None, this.port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or loop.time() > end:
                    raise EmoError(
                        f"{this}: expected a port that this process can listen on. "
                        f"Received: {error.strerror}"
                    ) from error
                await asyncio.sleep(_PAUSE_S)

    async def _call(self, other: Worker) -> None:
        """Calls another worker until it has answered; holds the line."""
        # Once all have answered, a line that ends is one whose worker has met everybody, too.
        while not self._told:
            try:
                reader, writer = await asyncio.open_connection(other.host, other.port)
            except OSError:
                await asyncio.sleep(_PAUSE_S)
                continue
            try:
                await self._greet(other, reader, writer)
            except OSError:
                pass  # A worker that was ended, and may be started again.
            finally:
                self._answered.pop(other, None)
                writer.close()
            await asyncio.sleep(_PAUSE_S)

    async def _greet(self, other: Worker, reader: StreamReader, writer: StreamWriter) -> None:
        if writer.get_extra_info("sockname") == writer.get_extra_info("peername"):
            return  # A port that nobody listens on was given to the call itself.
        self._found[other] = "a connection without an answer"
        writer.write(self._hello)
        answer = await _line(reader)
        if not answer:
            return
        if _HELLO.fullmatch(answer) is None:
            self._fail(f"{other}: expected another worker. Received: {answer[:60]!r}")
        elif (answerer := self._sender(answer, str(other))) not in (other, None):
            self._fail(f"{other}: expected its own answer. Received: that of {answerer}")
        elif answerer is not None:
            self._answered[other] = writer
            self._tell()
            await reader.read()
            self._found[other] = "an answer, but then it left"

    def _tell(self) -> None:
        if len(self._answered) == len(self._workers.others):
            self._told = True
            for writer in self._answered.values():
                writer.write(_READY)
            self._finish()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answers another worker's call and waits until it is ready."""
        try:
            hello = await _line(reader)
            if _HELLO.fullmatch(hello) is None:
                return  # Whoever it is, as one that looks for open ports, it is no worker.
            writer.write(self._hello)
            await writer.drain()
            caller = self._sender(hello, f"a call from {writer.get_extra_info('peername')[0]}")
            if caller is not None and await _line(reader) == _READY:
                self._ready.add(caller)
                self._finish()
        except OSError:
            pass  # A worker that is not ready calls again.
        finally:
            writer.close()

    def _sender(self, hello: bytes, place: str) -> Worker | None:
        """Returns who said hello; None, and the meeting fails, for none of the other workers."""
        number, digest = _HELLO.fullmatch(hello).groups()
        everyone = self._workers.everyone
        if digest.decode() != self._digest or int(number) >= len(everyone):
            self._fail(f"{place}: expected the same TF_CONFIG cluster. Received: another one")
        elif int(number) == self._workers.me:
            self._fail(f"{place}: expected another worker. Received: a second {self._workers.this}")
        else:
            return everyone[int(number)]
        return None

    def _fail(self, message: str) -> None:
        if not self._over.done():
            self._over.set_exception(EmoError(message))

    def _finish(self) -> None:
        if self._told and len(self._ready) == len(self._workers.others) and not self._over.done():
            self._over.set_result(None)

    def _missing(self, timeout_s: float) -> EmoError:
        if self._told:
            found = dict.fromkeys(self._found, "an answer, but it has not reached all others")
            came = self._ready
        else:
            found, came = self._found, self._answered
        return EmoError(
            "; ".join(
                f"{other}: expected within {timeout_s:g} s. Received: {text}"
                for other, text in found.items()
                if other not in came
            )
        )


async def _line(reader: StreamReader) -> bytes:
    """Returns the next line, what came of one that broke off, or a mark for one without an end."""
    try:
        return await reader.readline()
    except ValueError:
        return b"a line without an end"
