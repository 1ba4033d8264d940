"""What a fault of MongoDB means, outside of a transaction and within one."""

import pytest
from pymongo.errors import AutoReconnect, InvalidOperation, OperationFailure, PyMongoError

from domain.errors import Unavailable
from storage.mongo.client import translated

PASSING = (
    AutoReconnect("gone"),
    OperationFailure("conflict", 112),
    InvalidOperation("Cannot use MongoClient after close"),
)


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_by_itself_is_told_as_unavailable(fault: PyMongoError) -> None:
    with pytest.raises(Unavailable), translated():
        raise fault


@pytest.mark.parametrize("fault", PASSING)
def test_within_a_transaction_the_driver_has_to_see_it(fault: PyMongoError) -> None:
    with pytest.raises(type(fault)), translated(object()):
        raise fault


def test_what_does_not_pass_is_told_as_it_is() -> None:
    with pytest.raises(OperationFailure), translated():
        raise OperationFailure("no such command", 59)
    with pytest.raises(InvalidOperation), translated():
        raise InvalidOperation("cannot set options after executing query")
