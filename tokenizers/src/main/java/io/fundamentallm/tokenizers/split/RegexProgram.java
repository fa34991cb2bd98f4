package io.fundamentallm.tokenizers.split;

import org.jspecify.annotations.Nullable;

/**
 * A compiled pattern: instructions, each an operation and its operands.
 *
 * @param code instructions one after the other
 * @param tables the sets
 * @param places what anchors require
 * @param literals the bytes of literals
 * @param dispatch for each choice and each first byte (256: none is left) the branches to try
 * @param follow sets of first bytes, four longs each
 * @param registers how many registers it needs
 * @param start the first bytes of matches, or null if a match can be empty
 */
record RegexProgram(
    int[] code,
    CharTable[] tables,
    RegexNode.Place[] places,
    byte[] literals,
    int[][][] dispatch,
    long[] follow,
    int registers,
    long @Nullable [] start) {

  /** The end. */
  static final int MATCH = 0;

  /** One character: table. */
  static final int SET = 1;

  /** Bytes: offset, length. */
  static final int LITERAL = 2;

  /** A place: place, table of words or -1. */
  static final int ANCHOR = 3;

  /** Continues elsewhere: target. */
  static final int JUMP = 4;

  /** The first of some targets that leads to a match: dispatch. */
  static final int CHOICE = 5;

  /** As many characters as there are, then fewer: table, min, max, follow or -1. */
  static final int LOOP = 6;

  /** As many characters as there are: table, min, max. */
  static final int LOOP_POSSESSIVE = 7;

  /** As few characters as will do: table, min, max. */
  static final int LOOP_LAZY = 8;

  /** Keeps the position: register. */
  static final int SAVE = 9;

  /** Continues elsewhere if there was progress since SAVE: register, target. */
  static final int PROGRESS = 10;

  /** Keeps the height of the stack: register. */
  static final int MARK = 11;

  /** Forgets the alternatives since MARK: register. */
  static final int CUT = 12;

  /** Keeps height and position: register, register. */
  static final int LOOK = 13;

  /** Back to the height and the position: register, register. */
  static final int LOOK_END = 14;

  /** Keeps the height, then adds an alternative that continues elsewhere: register, target. */
  static final int LOOK_NOT = 15;

  /** Forgets the alternatives since LOOK_NOT, including its own, and fails: register. */
  static final int LOOK_NOT_END = 16;

  /** Back by some characters: count. */
  static final int BACK = 17;
}
