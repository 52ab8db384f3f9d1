import pytest, yaml, time
from pathlib import Path
from criteria.reference import load_criteria_sets
from handbooks.services.templates import load_template
from handbooks.services.handbooks import create_handbook, hand_in, upgrade_template
from handbooks.services.imports import *
from tests.regions.factories import RegionFactory, AreaFactory
pytestmark=pytest.mark.django_db
S=Path("/work/main/familycentre/sample")
DATA=yaml.safe_load((S/"templates/perhekeskuskasikirja.yaml").read_text())
def test_it(django_assert_num_queries):
    load_criteria_sets()
    region=RegionFactory(bilingual=True)
    l=load_template(region, DATA, by=None)
    for name in ["oulu","lakeus","koillismaa","oulunkaari","oulun-etelainen","rannikko"]:
        h=create_handbook(l.version, area=AreaFactory(region=region,name_fi=name,name_sv=name), year=2022, by=None)
        content=(S/f"19/kasikirjat/{name}.docx").read_bytes()
        t=time.time()
        w=prepare_import(h, content=content, name=name+".docx", language="fi", by=None)
        if needs_choice(w): print("ASK", w.placement["tracked"]); choose_tracked_changes(w,"accepted",by=None); w.refresh_from_db()
        p=placement_of(w); c=p.counts()
        print("=====",name, "file", w.words_in_file, c, "sum", c.words==w.words_in_file, round(time.time()-t,2), "unread", w.placement["unread"], "left", w.placement["left_out"][:3], 'comments', w.placement["comments"])
        for e in p.entries:
            if e.place=="" or e.check: print("   ", e.place or "TRAY", e.certainty, e.check and "CHECK" or "", e.heading_level, e.heading_guess, "|", e.text[:90])
        t=time.time()
        r=import_file(w, by=None)
        print("   import", round(time.time()-t,2), len(r.changed), r.conflicts, w.words_imported)
        t=time.time()
        w2=prepare_import(h, content=content, name=name+".docx", language="fi", by=None, tracked=w.tracked_changes)
        r2=import_file(w2, by=None)
        print("   again", round(time.time()-t,2), r2.changed)
