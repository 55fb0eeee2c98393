import { type Document, isNode, LineCounter, type ParsedNode, parseDocument, type YAMLParseError } from 'yaml';
import type * as z from 'zod';
import { InvalidTaskError, type TaskProblem } from './invalid-task-error.ts';
import { type TaskManifest, taskManifest } from './kinds.ts';
import { pathInWords, plainWords } from './plain-words.ts';

/**
 * A Task as written, with the defaults filled in.
 *
 * Nothing is looked up: a relative `spec.dataset.uri` stays relative.
 *
 * @throws {InvalidTaskError} with everything that is wrong, each with its path and line.
 */
export function parseTask(yamlText: string): TaskManifest {
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, logLevel: 'error' });
  const [notParsed] = document.errors;
  // The first is the one to mend: the others mostly follow from it.
  if (notParsed !== undefined) throw new InvalidTaskError([notYaml(notParsed, lines)]);
  const parsed = taskManifest.safeParse(valuesOf(document), { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines));
  throw new InvalidTaskError(
    problems.sort((a, b) => a.line - b.line),
    { cause: parsed.error },
  );
}

function notYaml(error: YAMLParseError, lines: LineCounter): TaskProblem {
  const [firstLine = ''] = error.message.split('\n');
  const message =
    error.code === 'MULTIPLE_DOCS' ? 'expected one YAML document, got another after it' : `not YAML: ${firstLine}`;
  return { path: '', line: lines.linePos(error.pos[0]).line, message };
}

/** @throws {InvalidTaskError} for an alias without its anchor, or for so many that they could fill the memory. */
function valuesOf(document: Document<ParsedNode>): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new InvalidTaskError([{ path: '', line: 1, message: `not YAML: ${error.message}` }], { cause: error });
  }
}

/** An issue as problems: one per unknown field, else one. */
function problemsOf(issue: z.core.$ZodIssue, document: Document<ParsedNode>, lines: LineCounter): TaskProblem[] {
  return plainWords(issue, taskManifest).map(({ path, message }) => ({
    path: pathInWords(path),
    line: lineOf(document, path, lines),
    message,
  }));
}

/** The line of what stands at the path; for a missing field, of what should hold it. */
function lineOf(document: Document<ParsedNode>, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
