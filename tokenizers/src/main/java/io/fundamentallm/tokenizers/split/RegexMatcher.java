package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs: a backtracking machine with its stack in an array, so that no text is too long for
 * it. Steps are counted over all searches of a text, since patterns that scan the text once per
 * character are as bad as those that blow up in one place. One thread at a time.
 */
final class RegexMatcher {
  /**
   * How many steps a byte may take. Published patterns need fewer than 10; 256 a byte take about a
   * second for a megabyte.
   */
  private static final int STEPS_PER_BYTE = 256;

  private static final int STEPS = 100_000;

  /** What a stack may keep between texts. */
  private static final int KEPT = 1 << 16;

  private static final byte[] NONE = {};

  private byte[] text = NONE;
  private int begin;
  private int end;
  private long budget;

  private @Nullable Regex regex;
  private int[] code = {};
  private CharTable[] tables = {};
  private int[][][] dispatch = {};
  private int[] registers = {};

  /** Frames of three: where in the program, the position, and one more value. */
  private int[] stack = new int[384];

  private int height;

  /** Begins on {@code text[begin, end)}; looks at nothing else of the text. */
  void begin(Regex regex, byte[] text, int begin, int end) {
    RegexProgram program = regex.program();
    this.regex = regex;
    code = program.code();
    tables = program.tables();
    dispatch = program.dispatch();
    if (registers.length < program.registers()) {
      registers = new int[program.registers()];
    }
    this.text = text;
    this.begin = begin;
    this.end = end;
    budget = STEPS + (long) STEPS_PER_BYTE * (end - begin);
  }

  /** Lets go of the text. */
  void finish() {
    text = NONE;
    if (stack.length > KEPT) {
      stack = new int[384];
    }
  }

  /** The first match from a position on. */
  boolean find(int from, int[] match) {
    RegexProgram program = owner().program();
    long[] start = program.start();
    for (int at = from; at <= end; ) {
      if (start != null) {
        while (at < end && (start[(text[at] & 0xFF) >> 6] >>> text[at] & 1) == 0) {
          at++;
        }
        if (at == end) {
          return false;
        }
      }
      int found = run(at);
      if (found >= 0) {
        match[0] = at;
        match[1] = found;
        return true;
      }
      at += at < end ? TextBuffer.sizeAt(text, at) : 1;
    }
    return false;
  }

  private Regex owner() {
    if (regex == null) {
      throw new IllegalStateException("no pattern");
    }
    return regex;
  }

  /** The end of the match that begins here, or -1. */
  private int run(int from) {
    height = 0;
    charge(1);
    int at = from;
    int pc = 0;
    while (true) {
      boolean ok;
      switch (code[pc]) {
        case RegexProgram.MATCH -> {
          return at;
        }
        case RegexProgram.SET -> {
          ok = at < end && tables[code[pc + 1]].at(text, at);
          if (ok) {
            at += TextBuffer.sizeAt(text, at);
          }
          pc += 2;
        }
        case RegexProgram.LITERAL -> {
          int size = code[pc + 2];
          ok = literal(at, code[pc + 1], size);
          at += size;
          pc += 3;
        }
        case RegexProgram.ANCHOR -> {
          ok = place(code[pc + 1], code[pc + 2], at);
          pc += 3;
        }
        case RegexProgram.JUMP -> {
          charge(1);
          pc = code[pc + 1];
          ok = true;
        }
        case RegexProgram.CHOICE -> {
          int[] targets = dispatch[code[pc + 1]][at < end ? text[at] & 0xFF : 256];
          ok = targets.length > 0;
          if (ok) {
            if (targets.length > 1) {
              push(pc, at, 1);
            }
            pc = targets[0];
          }
        }
        case RegexProgram.LOOP -> {
          CharTable table = tables[code[pc + 1]];
          int lower = minimum(table, at, code[pc + 2]);
          ok = lower >= 0;
          if (ok) {
            int upper = rest(table, lower, code[pc + 2], code[pc + 3]);
            charge(upper - at);
            if (upper > lower) {
              push(pc, upper, lower);
            }
            at = upper;
          }
          pc += 5;
        }
        case RegexProgram.LOOP_POSSESSIVE -> {
          CharTable table = tables[code[pc + 1]];
          int lower = minimum(table, at, code[pc + 2]);
          ok = lower >= 0;
          if (ok) {
            int upper = rest(table, lower, code[pc + 2], code[pc + 3]);
            charge(upper - at);
            at = upper;
          }
          pc += 4;
        }
        case RegexProgram.LOOP_LAZY -> {
          at = minimum(tables[code[pc + 1]], at, code[pc + 2]);
          ok = at >= 0;
          if (ok && code[pc + 2] < code[pc + 3]) {
            push(pc, at, code[pc + 2]);
          }
          pc += 4;
        }
        case RegexProgram.SAVE -> {
          push(pc, 0, registers[code[pc + 1]]);
          registers[code[pc + 1]] = at;
          pc += 2;
          ok = true;
        }
        case RegexProgram.PROGRESS -> {
          charge(1);
          pc = at > registers[code[pc + 1]] ? code[pc + 2] : pc + 3;
          ok = true;
        }
        case RegexProgram.MARK -> {
          registers[code[pc + 1]] = height;
          pc += 2;
          ok = true;
        }
        case RegexProgram.CUT -> {
          height = registers[code[pc + 1]];
          pc += 2;
          ok = true;
        }
        case RegexProgram.LOOK -> {
          registers[code[pc + 1]] = height;
          registers[code[pc + 2]] = at;
          pc += 3;
          ok = true;
        }
        case RegexProgram.LOOK_END -> {
          height = registers[code[pc + 1]];
          at = registers[code[pc + 2]];
          pc += 3;
          ok = true;
        }
        case RegexProgram.LOOK_NOT -> {
          registers[code[pc + 1]] = height;
          push(pc, at, 0);
          pc += 3;
          ok = true;
        }
        case RegexProgram.LOOK_NOT_END -> {
          height = registers[code[pc + 1]];
          ok = false;
        }
        case RegexProgram.BACK -> {
          at = back(at, code[pc + 1]);
          ok = at >= 0;
          pc += 2;
        }
        default -> throw new IllegalStateException("operation " + code[pc]);
      }
      if (!ok) {
        long next = resume();
        if (next < 0) {
          return -1;
        }
        pc = (int) (next >>> 32);
        at = (int) next;
      }
    }
  }

  /** Takes the latest alternative: where in the program and the position, or -1. */
  private long resume() {
    while (height > 0) {
      charge(1);
      int top = height - 3;
      int pc = stack[top];
      int at = stack[top + 1];
      switch (code[pc]) {
        case RegexProgram.CHOICE -> {
          int[] targets = dispatch[code[pc + 1]][at < end ? text[at] & 0xFF : 256];
          int next = stack[top + 2]++;
          if (next == targets.length - 1) {
            height = top;
          }
          return at(targets[next], at);
        }
        case RegexProgram.LOOP -> {
          at = backtrack(at, stack[top + 2], code[pc + 4]);
          stack[top + 1] = at;
          if (at <= stack[top + 2]) {
            height = top;
          }
          if (at >= 0) {
            return at(pc + 5, at);
          }
        }
        case RegexProgram.LOOP_LAZY -> {
          if (at < end && tables[code[pc + 1]].at(text, at)) {
            at += TextBuffer.sizeAt(text, at);
            stack[top + 1] = at;
            if (++stack[top + 2] == code[pc + 3]) {
              height = top;
            }
            return at(pc + 4, at);
          }
          height = top;
        }
        case RegexProgram.SAVE -> {
          registers[code[pc + 1]] = stack[top + 2];
          height = top;
        }
        case RegexProgram.LOOK_NOT -> {
          height = top;
          return at(code[pc + 2], at);
        }
        default -> throw new IllegalStateException("frame of operation " + code[pc]);
      }
    }
    return -1;
  }

  private static long at(int pc, int position) {
    return (long) pc << 32 | position;
  }

  /** The latest position before this one where what follows may begin; -1 if none. */
  private int backtrack(int from, int lower, int follow) {
    long[] bits = owner().program().follow();
    for (int at = from - 1; at >= lower; at--) {
      int b = text[at];
      if ((b & 0xC0) != 0x80
          && (follow < 0 || (bits[(follow << 2) + ((b & 0xFF) >> 6)] >>> b & 1) != 0)) {
        charge(from - at);
        return at;
      }
    }
    charge(from - lower);
    return -1;
  }

  /** The position after this many members, or -1. */
  private int minimum(CharTable table, int from, int count) {
    int at = from;
    for (int i = 0; i < count; i++) {
      if (at >= end || !table.at(text, at)) {
        return -1;
      }
      at += TextBuffer.sizeAt(text, at);
    }
    return at;
  }

  private int rest(CharTable table, int from, int min, int max) {
    return max == RegexNode.UNBOUNDED
        ? table.skip(text, from, end)
        : table.skip(text, from, end, max - min);
  }

  private boolean literal(int at, int offset, int size) {
    byte[] literals = owner().program().literals();
    if (size > end - at) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (text[at + i] != literals[offset + i]) {
        return false;
      }
    }
    return true;
  }

  private int back(int from, int count) {
    int at = from;
    for (int i = 0; i < count; i++) {
      if (at <= begin) {
        return -1;
      }
      do {
        at--;
      } while ((text[at] & 0xC0) == 0x80);
    }
    return at;
  }

  private boolean place(int place, int word, int at) {
    return switch (owner().program().places()[place]) {
      case TEXT_START -> at == begin;
      case TEXT_END -> at == end;
      case TEXT_END_OR_LAST_NEWLINE -> at == end || (at == end - 1 && text[at] == '\n');
      case LINE_START -> at == begin || text[at - 1] == '\n';
      case LINE_START_BEFORE_END -> at == begin || (text[at - 1] == '\n' && at < end);
      case LINE_END -> at == end || text[at] == '\n';
      case WORD_BOUNDARY -> wordBefore(word, at) != wordAt(word, at);
      case NOT_WORD_BOUNDARY -> wordBefore(word, at) == wordAt(word, at);
    };
  }

  private boolean wordAt(int word, int at) {
    return at < end && tables[word].at(text, at);
  }

  private boolean wordBefore(int word, int at) {
    return at > begin && tables[word].at(text, back(at, 1));
  }

  private void push(int pc, int at, int more) {
    if (height == stack.length) {
      stack = Arrays.copyOf(stack, 2 * height);
    }
    stack[height] = pc;
    stack[height + 1] = at;
    stack[height + 2] = more;
    height += 3;
  }

  private void charge(int steps) {
    budget -= steps;
    if (budget < 0) {
      throw new IllegalStateException(
          "the pattern takes too long on a text of "
              + (end - begin)
              + " bytes; it may try the same characters again and again: "
              + owner().pattern());
    }
  }
}
