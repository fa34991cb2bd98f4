package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.split.RegexNode.Greediness;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a syntax tree into a program. Every part knows what can follow it: a loop over a set that
 * is disjoint from what follows gives nothing back, and a choice looks at one byte before it tries.
 */
final class RegexCompiler {
  /** A larger pattern is meant to do harm: counted groups within counted groups. */
  private static final int MAX_SIZE = 100_000;

  private final String pattern;
  private final Regex.Dialect dialect;
  private final Map<ImmutableRangeSet<Integer>, Integer> sets = new HashMap<>();
  private final List<CharTable> tables = new ArrayList<>();
  private final ByteArrayOutputStream literals = new ByteArrayOutputStream();
  private final List<int[][]> dispatch = new ArrayList<>();
  private final List<RegexNode.Place> places = new ArrayList<>();
  private final List<long[]> follows = new ArrayList<>();
  private int[] code = new int[64];
  private int length;
  private int registers;

  private int parts;

  private RegexCompiler(String pattern, Regex.Dialect dialect) {
    this.pattern = pattern;
    this.dialect = dialect;
  }

  static RegexProgram compile(String pattern, Regex.Dialect dialect, RegexNode node) {
    RegexCompiler compiler = new RegexCompiler(pattern, dialect);
    compiler.emit(node, FirstChars.ANYTHING);
    compiler.add(RegexProgram.MATCH);
    FirstChars first = FirstChars.of(node);
    long[] follow = new long[4 * compiler.follows.size()];
    for (int i = 0; i < compiler.follows.size(); i++) {
      System.arraycopy(compiler.follows.get(i), 0, follow, 4 * i, 4);
    }
    return new RegexProgram(
        Arrays.copyOf(compiler.code, compiler.length),
        compiler.tables.toArray(CharTable[]::new),
        compiler.places.toArray(RegexNode.Place[]::new),
        compiler.literals.toByteArray(),
        compiler.dispatch.toArray(int[][][]::new),
        follow,
        compiler.registers,
        first.nullable() ? null : first.bytes());
  }

  private void emit(RegexNode node, FirstChars follow) {
    if (++parts > MAX_SIZE) {
      throw tooLarge();
    }
    if (node instanceof RegexNode.Chars c) {
      int single = CodePoints.single(c.set());
      if (single >= 0) {
        literal(Character.toString(single));
      } else {
        add(RegexProgram.SET, table(c.set()));
      }
    } else if (node instanceof RegexNode.Sequence s) {
      sequence(s.parts(), follow);
    } else if (node instanceof RegexNode.Choice c) {
      choice(c.branches(), follow);
    } else if (node instanceof RegexNode.Repeat r) {
      if (r.body() instanceof RegexNode.Chars c) {
        charLoop(r, c.set(), follow);
      } else if (r.greediness() == Greediness.POSSESSIVE) {
        RegexNode greedy = new RegexNode.Repeat(r.body(), r.min(), r.max(), Greediness.GREEDY);
        emit(new RegexNode.Atomic(greedy), follow);
      } else {
        loop(r, follow);
      }
    } else if (node instanceof RegexNode.Atomic a) {
      int register = registers++;
      add(RegexProgram.MARK, register);
      emit(a.body(), FirstChars.ANYTHING);
      add(RegexProgram.CUT, register);
    } else if (node instanceof RegexNode.Look l) {
      look(l);
    } else if (node instanceof RegexNode.Anchor a) {
      boolean word =
          a.place() == RegexNode.Place.WORD_BOUNDARY
              || a.place() == RegexNode.Place.NOT_WORD_BOUNDARY;
      int table = word ? table(CharProperties.word(dialect)) : -1;
      places.add(a.place());
      add(RegexProgram.ANCHOR, places.size() - 1, table);
    }
  }

  private void sequence(List<RegexNode> parts, FirstChars follow) {
    FirstChars[] follows = new FirstChars[parts.size()];
    FirstChars next = follow;
    for (int i = parts.size() - 1; i >= 0; i--) {
      follows[i] = next;
      next = FirstChars.of(parts.get(i)).then(next);
    }
    for (int i = 0; i < parts.size(); i++) {
      StringBuilder text = new StringBuilder();
      int end = i;
      while (end < parts.size()
          && parts.get(end) instanceof RegexNode.Chars c
          && CodePoints.single(c.set()) >= 0) {
        text.appendCodePoint(CodePoints.single(c.set()));
        end++;
      }
      if (end > i) {
        literal(text.toString());
        i = end - 1;
      } else {
        emit(parts.get(i), follows[i]);
      }
    }
  }

  private void choice(List<RegexNode> branches, FirstChars follow) {
    int choice = beginChoice();
    int[] targets = new int[branches.size()];
    FirstChars[] firsts = new FirstChars[branches.size()];
    int[] jumps = new int[branches.size()];
    for (int i = 0; i < branches.size(); i++) {
      targets[i] = length;
      firsts[i] = FirstChars.of(branches.get(i)).then(follow);
      emit(branches.get(i), follow);
      jumps[i] = length + 1;
      if (i < branches.size() - 1) {
        add(RegexProgram.JUMP, 0);
      }
    }
    for (int i = 0; i < branches.size() - 1; i++) {
      code[jumps[i]] = length;
    }
    endChoice(choice, targets, firsts);
  }

  private void charLoop(RegexNode.Repeat r, ImmutableRangeSet<Integer> set, FirstChars follow) {
    int table = table(set);
    boolean disjoint = !follow.nullable() && !follow.set().intersects(CodePoints.table(set));
    if (r.greediness() == Greediness.POSSESSIVE
        || (r.greediness() == Greediness.GREEDY && disjoint)) {
      add(RegexProgram.LOOP_POSSESSIVE, table, r.min(), r.max());
    } else if (r.greediness() == Greediness.GREEDY) {
      int known = -1;
      if (!follow.nullable()) {
        known = follows.size();
        follows.add(follow.bytes());
      }
      add(RegexProgram.LOOP, table, r.min(), r.max(), known);
    } else {
      add(RegexProgram.LOOP_LAZY, table, r.min(), r.max());
    }
  }

  private void loop(RegexNode.Repeat r, FirstChars follow) {
    FirstChars body = FirstChars.of(r.body());
    FirstChars again = r.max() == r.min() ? follow : body.then(follow).or(follow);
    for (int i = 0; i < r.min(); i++) {
      emit(r.body(), i < r.min() - 1 ? body.then(again) : again);
    }
    if (r.max() == RegexNode.UNBOUNDED) {
      int start = length;
      int choice = beginChoice();
      int inside = length;
      if (body.nullable()) {
        int register = registers++;
        add(RegexProgram.SAVE, register);
        emit(r.body(), FirstChars.ANYTHING);
        add(RegexProgram.PROGRESS, register, start);
      } else {
        emit(r.body(), again);
        add(RegexProgram.JUMP, start);
      }
      endOption(choice, inside, body, follow, r.greediness());
    } else {
      int[] choices = new int[r.max() - r.min()];
      int[] insides = new int[choices.length];
      for (int i = 0; i < choices.length; i++) {
        choices[i] = beginChoice();
        insides[i] = length;
        emit(r.body(), again);
      }
      for (int i = 0; i < choices.length; i++) {
        endOption(choices[i], insides[i], body, follow, r.greediness());
      }
    }
  }

  /** A choice between the body of a loop and what follows it, here. */
  private void endOption(
      int choice, int inside, FirstChars body, FirstChars follow, Greediness greediness) {
    FirstChars in = body.then(follow);
    if (greediness == Greediness.LAZY) {
      endChoice(choice, new int[] {length, inside}, new FirstChars[] {follow, in});
    } else {
      endChoice(choice, new int[] {inside, length}, new FirstChars[] {in, follow});
    }
  }

  private void look(RegexNode.Look look) {
    int height = registers++;
    int position = registers++;
    int operand = 0;
    if (look.negative()) {
      add(RegexProgram.LOOK_NOT, height, 0);
      operand = length - 1;
    } else {
      add(RegexProgram.LOOK, height, position);
    }
    if (look.behind()) {
      List<RegexNode> branches =
          look.body() instanceof RegexNode.Choice c ? c.branches() : List.of(look.body());
      int choice = beginChoice();
      int[] targets = new int[branches.size()];
      FirstChars[] firsts = new FirstChars[branches.size()];
      int[] jumps = new int[branches.size()];
      for (int i = 0; i < branches.size(); i++) {
        targets[i] = length;
        firsts[i] = FirstChars.ANYTHING;
        add(RegexProgram.BACK, branches.get(i).width());
        emit(branches.get(i), FirstChars.ANYTHING);
        add(RegexProgram.JUMP, 0);
        jumps[i] = length - 1;
      }
      for (int jump : jumps) {
        code[jump] = length;
      }
      endChoice(choice, targets, firsts);
    } else {
      emit(look.body(), FirstChars.ANYTHING);
    }
    if (look.negative()) {
      add(RegexProgram.LOOK_NOT_END, height);
      code[operand] = length;
    } else {
      add(RegexProgram.LOOK_END, height, position);
    }
  }

  private int beginChoice() {
    add(RegexProgram.CHOICE, dispatch.size());
    dispatch.add(new int[0][]);
    return dispatch.size() - 1;
  }

  private void endChoice(int choice, int[] targets, FirstChars[] firsts) {
    Map<List<Integer>, int[]> known = new HashMap<>();
    int[][] byByte = new int[257][];
    long[][] bytes = new long[targets.length][];
    for (int i = 0; i < targets.length; i++) {
      bytes[i] = firsts[i].bytes();
    }
    for (int b = 0; b <= 256; b++) {
      List<Integer> possible = new ArrayList<>();
      for (int i = 0; i < targets.length; i++) {
        if (b == 256 ? firsts[i].nullable() : (bytes[i][b >> 6] >>> b & 1) != 0) {
          possible.add(targets[i]);
        }
      }
      byByte[b] =
          known.computeIfAbsent(possible, p -> p.stream().mapToInt(Integer::intValue).toArray());
    }
    dispatch.set(choice, byByte);
  }

  private void literal(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(RegexProgram.LITERAL, literals.size(), bytes.length);
    literals.write(bytes, 0, bytes.length);
  }

  private int table(ImmutableRangeSet<Integer> set) {
    return sets.computeIfAbsent(
        set,
        s -> {
          tables.add(new CharTable(s));
          return tables.size() - 1;
        });
  }

  private void add(int... instruction) {
    if (length + instruction.length > MAX_SIZE) {
      throw tooLarge();
    }
    if (length + instruction.length > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    System.arraycopy(instruction, 0, code, length, instruction.length);
    length += instruction.length;
  }

  private IllegalArgumentException tooLarge() {
    return new IllegalArgumentException("the pattern is too large when counted out: " + pattern);
  }
}
