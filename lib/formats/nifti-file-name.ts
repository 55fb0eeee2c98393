/** Endings of the image files that can be read, longest first. */
export const NIFTI_ENDINGS = ['.nii.gz', '.nii'] as const;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The NIfTI ending of a path, if it has one. */
export const niftiEnding = (path: string): string | undefined => NIFTI_ENDINGS.find((ending) => path.endsWith(ending));

/** A file's name without folder and NIfTI ending: `imagesTr/a_0000.nii.gz` → `a_0000`. */
export function stemOf(path: string): string {
  const name = nameOf(path);
  return name.slice(0, name.length - (niftiEnding(name)?.length ?? 0));
}

/** False for names that start with a dot or an underscore: the MSD archives hold such leftovers of macOS. */
export const isVisible = (path: string): boolean => !/^[._]/.test(nameOf(path));

/** True for a path directly inside the folder. */
export const isIn = (folder: string, path: string): boolean => path === `${folder}/${nameOf(path)}`;
