package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.samplers.constraint.automaton.Machine;
import io.fundamentallm.samplers.constraint.automaton.Program;
import io.fundamentallm.samplers.constraint.automaton.State;
import io.fundamentallm.samplers.constraint.grammar.GbnfParser;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.samplers.constraint.schema.SchemaCompiler;
import io.fundamentallm.spi.SamplerStage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Texts that are read in more and more ways the deeper they get. What it takes is counted: steps
 * between two bytes, and links of stacks.
 */
class DeepGrammarsTest {
  /** Precedence, each level begun alike by three alternatives. */
  static final String SUMS =
      """
      root ::= e
      e ::= t "+" e | t "-" e | t
      t ::= f "*" t | f "/" t | f
      f ::= "(" e ")" | [0-9]
      """;

  /** What an x was is known when it is closed. */
  static final String LATE = "root ::= \"x\" root \"y\" | \"x\" root \"z\" | \"\"";

  /** Three objects that their last key tells apart. */
  static final String OBJECTS =
      "{\"anyOf\":[" + object("a") + "," + object("b") + "," + object("c") + "]}";

  private static String object(String kind) {
    return "{\"type\":\"object\",\"properties\":{\"child\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]},\"kind\":{\"const\":\""
        + kind
        + "\"}},\"required\":[\"child\",\"kind\"],\"additionalProperties\":false}";
  }

  private record Work(long steps, long links) {}

  /** What reading takes with a new machine; the text belongs to the grammar. */
  private static Work work(Grammar grammar, String text) {
    Machine machine = new Machine(Program.compile(grammar), 16);
    State state = machine.start();
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      state = state == null ? null : machine.step(state, value & 0xFF);
    }
    assertThat(state != null && state.accepts()).as(text).isTrue();
    return new Work(machine.steps(), machine.links());
  }

  private static String sum(int depth) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      text.append(i % 3 == 0 ? "(1+" : i % 3 == 1 ? "(2*3/" : "(");
    }
    return text.append('7').append(")-1".repeat(depth)).toString();
  }

  private static String late(int depth) {
    StringBuilder text = new StringBuilder("x".repeat(depth));
    for (int i = 0; i < depth; i++) {
      text.append(i % 3 == 0 ? 'z' : 'y');
    }
    return text.toString();
  }

  private static String objects(int depth) {
    StringBuilder text = new StringBuilder("{\"child\":".repeat(depth)).append("null");
    for (int i = 0; i < depth; i++) {
      text.append(",\"kind\":\"").append("abc".charAt(i % 3)).append("\"}");
    }
    return text.toString();
  }

  @Test
  void work_for_an_unambiguous_grammar_grows_with_the_text_alone() throws Exception {
    Grammar sums = GbnfParser.parse(SUMS);
    assertLinear(work(sums, sum(100)), work(sums, sum(200)));
    assertLinear(work(sums, sum(1000)), work(sums, sum(2000)));
    Grammar late = GbnfParser.parse(LATE);
    assertLinear(work(late, late(100)), work(late, late(200)));
    assertLinear(work(late, late(1000)), work(late, late(2000)));
    Grammar objects = SchemaCompiler.compile(OBJECTS, new JsonNotation(0, true));
    assertLinear(work(objects, objects(100)), work(objects, objects(200)));
  }

  private static void assertLinear(Work once, Work twice) {
    assertThat(twice.steps()).isLessThan(2 * once.steps() + once.steps() / 10);
    assertThat(twice.links()).isLessThan(2 * once.links() + once.links() / 10);
  }

  @Test
  void work_for_an_ambiguous_grammar_grows_with_the_cube_of_the_text_at_most() {
    String between = "a".repeat(60);
    for (String rules :
        List.of(
            "root ::= root root | \"a\" | \"\"",
            "root ::= root root root | root root | \"a\"",
            "root ::= \"a\" root root | \"\"",
            "root ::= e\ne ::= e n e | \"a\" | n\nn ::= \"\" | e",
            "root ::= x root \"a\" | \"a\" x | \"\"\nx ::= \"\" | \"a\" root")) {
      Grammar grammar = GbnfParser.parse(rules);
      Work once = work(grammar, between);
      Work twice = work(grammar, between + between);
      assertThat(twice.steps()).as(rules).isLessThan(9 * once.steps());
      assertThat(twice.links()).as(rules).isLessThan(5 * once.links());
    }
  }

  @Test
  void a_rule_that_begins_with_itself_reads_a_list_in_as_many_states_as_a_repetition() {
    Grammar list = GbnfParser.parse("root ::= root \",\" [0-9] | [0-9]");
    Work ten = work(list, "1" + ",2".repeat(10));
    assertThat(work(list, "1" + ",2".repeat(1000))).isEqualTo(ten);
    Grammar sums = GbnfParser.parse("root ::= root \"+\" root | [0-9]");
    assertThat(work(sums, "1" + "+2".repeat(1000))).isEqualTo(work(sums, "1" + "+2".repeat(10)));
  }

  @Test
  void left_recursion_is_read_as_written() {
    TokenConstraint sums =
        Bound.bytes(
            "grammar",
            "root ::= root \"-\" t | t\nt ::= t \"/\" f | f\nf ::= \"(\" root \")\" | [0-9]");
    assertThat(Bound.accepts(sums, "1-2/3-(4-5)/6")).isTrue();
    assertThat(Bound.accepts(sums, "1-2/3-(4-5/6")).isFalse();
    assertThat(Bound.accepts(sums, "-1")).isFalse();
    TokenConstraint hidden =
        Bound.bytes("grammar", "root ::= x \"a\" | \"b\"\nx ::= \" \"? y | \"c\"\ny ::= x \"d\"");
    assertThat(Bound.accepts(hidden, " cdda")).isTrue();
    assertThat(Bound.accepts(hidden, "  cda")).isFalse();
  }

  @Test
  void masks_of_deep_texts_are_shared() {
    for (String rules : List.of(SUMS, LATE)) {
      TokenConstraint constraint = Bound.bytes("grammar", rules);
      int open = rules.equals(SUMS) ? '(' : 'x';
      for (int i = 0; i < 50; i++) {
        constraint.mask();
        constraint.accept(open);
      }
      long[] mask = constraint.mask();
      for (int i = 0; i < 150; i++) {
        assertThat(constraint.mask()).isSameAs(mask);
        constraint.accept(open);
      }
    }
  }

  @Test
  void no_random_generation_fails() {
    Pieces tokenizer = pieces();
    Random random = new Random(3);
    for (SamplerStage stage :
        List.of(
            Bound.stage("grammar", SUMS),
            Bound.stage("grammar", LATE),
            Bound.stage("json-schema", OBJECTS),
            Bound.stage("grammar", "root ::= root \"+\" root | [0-9]"),
            Bound.stage("grammar", "root ::= root root | \"(\" | \"\""))) {
      for (int i = 0; i < 100; i++) {
        TokenConstraint generation =
            Bound.of(stage, tokenizer, tokenizer.vocabulary().size(), tokenizer.end());
        int token = -1;
        for (int taken = 0; taken < 300 && token != tokenizer.end(); taken++) {
          token = draw(generation.mask(), tokenizer.vocabulary().size(), random);
          generation.accept(token);
        }
      }
    }
  }

  /** All bytes, and some longer tokens that go up and down. */
  private static Pieces pieces() {
    List<byte[]> pieces = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      pieces.add(new byte[] {(byte) value});
    }
    for (String longer :
        List.of(
            "((",
            "((((",
            "))",
            "))))))))))))",
            "(1",
            "1)",
            "1+",
            ")*(",
            "xx",
            "xxxxxxxx",
            "xy",
            "yz",
            "zzzzzzzz",
            "yyyyyyyyyyyy",
            "{\"",
            "\":",
            "\"child\":{",
            "null,\"",
            "\"}",
            "\"},\"")) {
      pieces.add(Pieces.bytes(longer));
    }
    return new Pieces(pieces, false);
  }

  /** The best of random scores among the tokens of a mask. */
  private static int draw(long[] mask, int tokens, Random random) {
    int best = -1;
    float highest = Float.NEGATIVE_INFINITY;
    for (int token = 0; token < tokens; token++) {
      float score = random.nextFloat();
      if (Bound.allows(mask, token) && score > highest) {
        best = token;
        highest = score;
      }
    }
    assertThat(best).isNotNegative();
    return best;
  }
}
