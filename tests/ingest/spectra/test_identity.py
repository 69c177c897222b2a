import hashlib

from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.spectra.identity import file_sha256, hash63, import_identity


def test_hash63_is_the_same_on_every_machine():
    assert (
        hash63("lib", None, "A1") == int.from_bytes(hashlib.blake2b(b"lib\x1f\x00\x1fA1", digest_size=8).digest(), "big") // 2
    )
    # Labs hold such numbers: another value would make all their spectra new.
    assert hash63("massbank", "AAFC", "MSBNK-AAFC-AC000001") == 3934152758407936295


@given(st.lists(st.one_of(st.none(), st.integers(), st.text()), max_size=4))
def test_hash63_fits_a_signed_integer(parts):
    assert 0 <= hash63(*parts) < 2**63
    assert hash63(*parts) == hash63(*parts)


def test_hash63_tells_missing_from_empty_and_where_parts_end():
    values = {hash63(None), hash63(""), hash63("ab", "c"), hash63("a", "bc"), hash63("abc"), hash63("a", None), hash63("a", "")}
    assert len(values) == 7


def test_hash63_spreads():
    assert len({hash63("lib", "run", i) for i in range(50_000)}) == 50_000


def test_file_sha256(tmp_path):
    for content in (b"", b"abc", b"x" * (3 << 20)):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert file_sha256(path) == hashlib.sha256(content).hexdigest()


def test_import_identity_depends_on_settings_and_files_only():
    settings, files = {"collection": "lib", "ion_mode": None}, [("a.mgf", "1f"), ("b.mgf", "2e")]
    identity = import_identity(settings, files)
    assert len(identity) == 16
    assert int(identity, 16) >= 0
    assert import_identity(dict(reversed(settings.items())), files) == identity
    others = [
        import_identity(settings | {"ion_mode": "positive"}, files),
        import_identity(settings, files[:1]),
        import_identity(settings, [("a.mgf", "1f"), ("b.mgf", "2f")]),
        import_identity(settings, [("c.mgf", "1f"), ("b.mgf", "2e")]),
        import_identity(settings, files[::-1]),
    ]
    assert len({identity, *others}) == 6
