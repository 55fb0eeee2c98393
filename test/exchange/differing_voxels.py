"""Counts the voxels in which label maps of the same names differ, and those that are foreground in either. Ends with 1
when more than 1 in 1000 of them differ, or none is foreground. By hand: it needs SimpleITK, which nnunetv2 brings.

    differing_voxels.py FOLDER FOLDER
"""

import sys
from pathlib import Path

import SimpleITK

one, other = map(Path, sys.argv[1:])
names = sorted(file.name for file in one.glob("*.nii.gz"))
if names != sorted(file.name for file in other.glob("*.nii.gz")):
    sys.exit("the folders hold label maps of other cases")
differing = foreground = 0
for name in names:
    a, b = (SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(folder / name)) for folder in (one, other))
    differing += (a != b).sum()
    foreground += ((a > 0) | (b > 0)).sum()
print(f"{len(names)} cases: {differing} of {foreground} foreground voxels differ")
if foreground == 0 or differing > foreground / 1000:
    sys.exit(1)
