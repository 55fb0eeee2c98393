// Subjects as NATS has them: tokens between dots. Here the tokens are kept to characters that any file system takes.

const SUBJECT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const PATTERN = /^([A-Za-z0-9_-]+|\*)(\.([A-Za-z0-9_-]+|\*))*(\.>)?$|^>$/;

/** So that a subject fits a file name with room for an ending. */
const LONGEST = 200;

/** @throws {RangeError} unless `subject` is dot-separated tokens of letters, digits, `_` and `-`, at most 200 in all. */
export function checkSubject(subject: string): void {
  if (subject.length > LONGEST || !SUBJECT.test(subject)) {
    throw new RangeError(
      `'${subject}' is no subject: expected letters, digits, _ and - between dots, at most ${LONGEST} characters`,
    );
  }
}

/**
 * Whether subjects match a pattern, in which `*` stands for one token and a last `>` for one or more.
 *
 * @throws {RangeError} when `pattern` is none.
 */
export function subjectMatcher(pattern: string): (subject: string) => boolean {
  if (!PATTERN.test(pattern)) {
    throw new RangeError(
      `'${pattern}' is no subject pattern: expected tokens between dots, * for one, a last > for the rest`,
    );
  }
  const wanted = pattern.split('.');
  const open = wanted.at(-1) === '>';
  if (open) wanted.pop();
  return (subject) => {
    const tokens = subject.split('.');
    if (open ? tokens.length <= wanted.length : tokens.length !== wanted.length) return false;
    return wanted.every((token, i) => token === '*' || token === tokens[i]);
  };
}
