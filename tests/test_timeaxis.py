"""Two clocks are the same where the same was written, whatever was read out of them."""

from parksim.timeaxis import TimeAxis


def test_clocks_that_were_read_out_can_be_compared():
    one, other = TimeAxis(year=2025), TimeAxis(year=2025)
    assert (one.steps, other.month_of_step[-1]) == (8760, 11)
    assert one == other
    assert hash(one) == hash(other)
    assert one != TimeAxis(year=2025, step_minutes=15)
    assert one != "2025"
