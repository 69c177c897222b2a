"""Statements for the scalar functions."""

_TWO = """
FROM (VALUES ([85.03, 127.04]::DOUBLE[], [40.0, 100.0]::FLOAT[])) AS a(mz, intensity),
    (VALUES ([103.04, 127.04, 145.05]::DOUBLE[], [30.0, 100.0, 20.0]::FLOAT[])) AS b(mz, intensity)"""
_IONS = "(a.mz, a.intensity, 145.05, b.mz, b.intensity, 163.06, 0.01)"

CALLS = {
    "adduct_mz": """
SELECT round(adduct_mz(180.0634, '[M+Na]+'), 4) AS sodiated, round(adduct_mz(180.0634, '[2M-H]-'), 4) AS dimer""",
    "canonical_adduct": """
SELECT canonical_adduct('M+H') AS bare, canonical_adduct('[M+H-H2O]+') AS dehydrated, canonical_adduct('?') AS unreadable""",
    "inchikey_2d": "SELECT inchikey_2d('C[C@H](N)C(=O)O') AS l_alanine, inchikey_2d('C[C@@H](N)C(=O)O') AS d_alanine",
    "cosine_greedy": f"SELECT round(cosine_greedy(a.mz, a.intensity, b.mz, b.intensity, 0.01), 3) AS score{_TWO}",
    "cosine_hungarian": f"SELECT round(cosine_hungarian(a.mz, a.intensity, b.mz, b.intensity, 0.01), 3) AS score{_TWO}",
    "modified_cosine": f"SELECT round(modified_cosine{_IONS}, 3) AS score{_TWO}",
    "modified_cosine_hungarian": f"SELECT round(modified_cosine_hungarian{_IONS}, 3) AS score{_TWO}",
    "weighted_cosine": f"""
SELECT round(weighted_cosine(a.mz, a.intensity, b.mz, b.intensity, 10, 'MASSBANK'), 3) AS score{_TWO}""",
    "entropy_similarity": f"SELECT round(entropy_similarity(a.mz, a.intensity, b.mz, b.intensity, 0.01), 3) AS score{_TWO}",
    "embed": "SELECT len(embed([85.03, 127.04]::DOUBLE[], [1.0, 0.5]::FLOAT[], 145.05, 'positive')) AS dimension",
    "embed_binned": """
SELECT round(array_inner_product(embed_binned(mz, intensity, precursor_mz, ion_mode), embedding_binned), 3) AS same
FROM spectra
LIMIT 1""",
    "structure_vector": """
SELECT round(list_inner_product(structure_vector('CCCCCCO'), structure_vector('CCCCCCCO')), 1) AS alcohols,
    round(list_inner_product(structure_vector('CCCCCCO'), structure_vector('c1ccc2ncccc2c1')), 1) AS others""",
    "embed_spectradb_analogue": f"""
SELECT round(
    list_inner_product(
        embed_spectradb_analogue(a.mz, a.intensity, 145.05, 'positive'),
        embed_spectradb_analogue(b.mz, b.intensity, 163.06, 'positive')
    ), 1
) AS similarity{_TWO}""",
    "embed_spectradb_base": f"""
SELECT round(
    list_inner_product(
        embed_spectradb_base(a.mz, a.intensity, 145.05, 'positive'),
        embed_spectradb_base(b.mz, b.intensity, 163.06, 'positive')
    ), 1
) AS similarity{_TWO}""",
    "embed_spectradb_small": f"""
SELECT round(
    list_inner_product(
        embed_spectradb_small(a.mz, a.intensity, 145.05, 'positive'),
        embed_spectradb_small(b.mz, b.intensity, 163.06, 'positive')
    ), 1
) AS similarity{_TWO}""",
}
