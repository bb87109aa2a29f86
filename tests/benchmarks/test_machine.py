from benchmarks import machine


def test_the_machine_is_described_in_plain_lines(monkeypatch):
    monkeypatch.setattr(machine, "PACKAGES", ("numpy", "no-such-package"))
    facts = machine.describe_machine()
    assert list(facts) == ["Processor", "Memory", "System", "Python", "Packages"]
    assert facts["Packages"].startswith("numpy ")
    assert facts["Packages"].endswith(", no-such-package absent")
    assert all(fact and "\n" not in fact for fact in facts.values())


def test_outside_a_checkout_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "REPOSITORY", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert machine.git_commit() is None
