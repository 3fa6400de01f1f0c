from __future__ import annotations

import hashlib

from corridors.chain import chain_of


def test_f8_a_chain_is_the_first_16_digits_of_sha256_over_what_came_before_and_the_row():
    want = hashlib.sha256("abc\x1fone\x1fdrei €".encode()).hexdigest()[:16]
    assert chain_of("abc", ("one", "drei €")) == want
    assert chain_of("", ()) == hashlib.sha256(b"").hexdigest()[:16]


def test_f8_moving_words_between_cells_changes_the_chain():
    assert chain_of("", ("ab", "c")) != chain_of("", ("a", "bc"))
    assert chain_of("", ("a", "")) != chain_of("", ("a",))
    assert chain_of("1", ("a",)) != chain_of("2", ("a",))
