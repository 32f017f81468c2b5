"""Where pages of each kind are."""

from classifier.verdict import Category, Level
from sitegen.places import attack_path, category_path, risk_path, rule_path


def test_each_kind_of_page_has_its_folder() -> None:
    assert rule_path("category/deletes") == "rules/category/deletes/"
    assert attack_path("secret-harvest") == "attacks/secret-harvest/"
    assert risk_path(Level.HIGH) == "risk/high/"
    assert category_path(Category.ADMIN) == "category/admin/"


def test_no_rule_leads_out_of_the_folder_of_rules() -> None:
    for rule in ("../../x", "/etc", "a//b", "<script>", ".", ""):
        path = rule_path(rule)
        assert path.startswith("rules/")
        assert path.endswith("/")
        assert not {"", ".", ".."} & set(path.rstrip("/").split("/"))
