import os
import signal
import threading

import pytest

from emo_tf.cli.interruption import interruptible


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_time_is_a_wish():
    with interruptible() as interruption:
        assert not interruption.wished
        press_ctrl_c()
        assert interruption.wished


def test_the_second_time_ends_the_work_at_once():
    with interruptible():
        press_ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()


def test_afterwards_it_interrupts_as_before():
    before = signal.getsignal(signal.SIGINT)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_work_without_it():
    wished = []

    def work() -> None:
        with interruptible() as interruption:
            wished.append(interruption.wished)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert wished == [False]
