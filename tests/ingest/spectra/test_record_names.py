import pytest

from spectradb.ingest.spectra.record_names import clean_name


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("Caffeine", "Caffeine"),
        ("  Citric   acid ", "Citric acid"),
        ('"1,2-Dioleoyl-rac-glycerol" M+NH4', "1,2-Dioleoyl-rac-glycerol"),
        # GNPS
        ("Spectral Match to Caffeine from NIST14", "Caffeine"),
        ("Spectral Match to Caffeine - 40.0 eV from NIST 20", "Caffeine"),
        ("Massbank:XY000001 Quercetin", "Quercetin"),
        ("MassbankEU:XY000001 Metformin|1,1-dimethylbiguanide", "Metformin"),
        ("ReSpect:XY000001 Rutin|Rutoside [M+H]+", "Rutin"),
        ("MLS001000000-01!TACRINE HYDROCHLORIDE", "TACRINE HYDROCHLORIDE"),
        ("NCGC00100000-01!7-hydroxyflavone M+H", "7-hydroxyflavone"),
        ("NCGC00100000-01_C15H16O6_Some lactone", "Some lactone"),
        ("Pesticide3_Diuron_C9H10Cl2N2O_3-(3,4-Dichlorophenyl)-1,1-dimethylurea M-H", "Diuron"),
        ("Lyngbyabellin A MCl37+H", "Lyngbyabellin A"),
        ("Psammaplin_A M2Br81+H", "Psammaplin_A"),
        # MassBank, MoNA, MS-DIAL
        ("Caffeine; LC-ESI-QTOF; MS2; CE: 40 eV; R=35000; [M+H]+", "Caffeine"),
        ("Caffeine; MS2", "Caffeine"),
        ("Caffeine - 40.0 eV", "Caffeine"),
        ("Caffeine CollisionEnergy:205060", "Caffeine"),
        ("w/o MS2:Caffeine", "Caffeine"),
        ("low score: PC 34:1", "PC 34:1"),
        # adducts and how sure a source is
        ("caffeine [M+H]+", "caffeine"),
        ("caffeine M-H2O+H", "caffeine"),
        ("caffeine; [M+H]+", "caffeine"),
        ("caffeine 2M+Na", "caffeine"),
        ("M+H", None),
        ("Aconitic acid (not validated, isomer of 271)", "Aconitic acid"),
        ("Caffeine (putative)", "Caffeine"),
        ("putative caffeine", "caffeine"),
        # what names nothing
        ("Unknown (7.19_601.5199m/z)", None),
        ("unknown", None),
        ("Unknown_12", None),
        # what stays: identifiers alone, and names that only look like it
        ("NCGC00100000-01", "NCGC00100000-01"),
        ("NCGC00100000-01!", "NCGC00100000-01!"),
        ("Massbank:XY000001", "Massbank:XY000001"),
        ("Unknownine", "Unknownine"),
        ("Metalaxyl-M-TP CGA108906", "Metalaxyl-M-TP CGA108906"),
        ("PC(16:0/18:1)", "PC(16:0/18:1)"),
        ("Cer[NS] d45:1", "Cer[NS] d45:1"),
        ("AA-[d8]", "AA-[d8]"),
        ("Allicin + 2H", "Allicin + 2H"),
        ("Vitamin D2", "Vitamin D2"),
        ("Feruloyl quinic acid (isomer of 886, 888)", "Feruloyl quinic acid (isomer of 886, 888)"),
        ("methyl(2|A,3|A,5|A)-aspidofractinine-3-carboxylate", "methyl(2|A,3|A,5|A)-aspidofractinine-3-carboxylate"),
        ("2,4-D; herbicide", "2,4-D; herbicide"),
    ],
)
def test_names_lose_what_is_no_part_of_them(stated, name):
    assert clean_name(stated) == name
    assert name is None or clean_name(name) == name
