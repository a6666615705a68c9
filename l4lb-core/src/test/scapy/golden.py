#!/usr/bin/python3
"""Writes every golden case under src/test/resources/golden/ (or the folder given), and checks what it wrote.

    golden.py [FOLDER]          write all cases anew; the same script writes the same bytes
    golden.py --check [FOLDER]  write to a temporary folder and compare with FOLDER
"""
import filecmp
import os
import shutil
import sys
import tempfile

import cases_answered
import cases_dropped
import cases_forwarded
import cases_fragments
import cases_guard
import cases_icmp
import cases_mtu
import cases_quic
import cases_unanswerable
import cases_unserved
import cases_vlan
from self_check import check_case

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT_FOLDER = os.path.join(HERE, "..", "resources", "golden")
MODULES = (
    cases_forwarded,
    cases_vlan,
    cases_answered,
    cases_icmp,
    cases_mtu,
    cases_fragments,
    cases_guard,
    cases_unserved,
    cases_unanswerable,
    cases_dropped,
    cases_quic,
)


def all_cases():
    cases = {}
    for module in MODULES:
        for group in module.GROUPS:
            for case in group():
                if case.name in cases:
                    raise ValueError(f"two cases are called {case.name}")
                cases[case.name] = case
    return cases


def write_all(folder):
    cases = all_cases()
    if os.path.isdir(folder):
        shutil.rmtree(folder)
    os.makedirs(folder)
    for case in cases.values():
        case.write(folder)
        check_case(case, os.path.join(folder, case.name))
    return cases


def differences(left, right):
    compared = filecmp.dircmp(left, right)
    found = [os.path.join(right, name) for name in compared.left_only + compared.right_only]
    _, unequal, unreadable = filecmp.cmpfiles(left, right, compared.common_files, shallow=False)
    found += [os.path.join(right, name) for name in unequal + unreadable]
    for name in compared.common_dirs:
        found += differences(os.path.join(left, name), os.path.join(right, name))
    return found


def main(arguments):
    check = "--check" in arguments
    folders = [argument for argument in arguments if argument != "--check"]
    folder = os.path.normpath(folders[0] if folders else DEFAULT_FOLDER)
    if not check:
        cases = write_all(folder)
        print(f"{len(cases)} cases, {sum(len(case.inputs) for case in cases.values())} packets in {folder}")
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        write_all(fresh)
        found = differences(fresh, folder)
    print("\n".join(found) or f"{folder} is what the script writes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
