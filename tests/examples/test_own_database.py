"""A shop whose records are in one file sells after it is opened again, to many at once.

What the records promise is tested in tests/contracts/records, for this adapter as for all others.
"""

import multiprocessing
from pathlib import Path

from core.products.product import Sku
from coursetill_testing.contracts.samples import a_plain_run, changing
from examples.own_database.file_shop import FileShop

SKU = Sku("plain")
BUYERS = 4


def take_seats(path: Path) -> None:
    for _ in range(5):
        with changing(FileShop(path).begin) as work:
            work.products.take_seats([SKU])


def test_records_exist_after_the_file_is_reopened(tmp_path: Path) -> None:
    path = tmp_path / "shop.records"
    with changing(FileShop(path).begin) as work:
        work.products.add([a_plain_run()])
    with FileShop(path).read() as work:
        assert work.products.get(SKU) == a_plain_run()


def test_no_seat_is_lost_between_processes(tmp_path: Path) -> None:
    path = tmp_path / "shop.records"
    with changing(FileShop(path).begin) as work:
        work.products.add([a_plain_run(seats=BUYERS * 5)])
    # A new interpreter for each: the fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=take_seats, args=(path,)) for _ in range(BUYERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * BUYERS
    with FileShop(path).read() as work:
        assert work.products.get(SKU).seats_left == 0
