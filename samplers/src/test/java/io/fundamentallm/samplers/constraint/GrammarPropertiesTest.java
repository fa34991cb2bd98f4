package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.samplers.constraint.automaton.CompiledConstraint;
import io.fundamentallm.samplers.constraint.automaton.Machine;
import io.fundamentallm.samplers.constraint.automaton.Program;
import io.fundamentallm.samplers.constraint.automaton.State;
import io.fundamentallm.samplers.constraint.grammar.GbnfParser;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.spi.SamplerStage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random grammars, also ambiguous and left recursive ones, against a recogniser by definition. */
class GrammarPropertiesTest {
  private static final int GRAMMARS = 100;
  private static final int LONGEST = 9;

  private static final Pieces TOKENS =
      Pieces.of(
          "a",
          "b",
          "ab",
          "ba",
          "aa",
          "bb",
          "aab",
          "bba",
          "abab",
          "baba",
          "aaaa",
          "bbbb",
          "aaaaaaaa",
          "bbbbbbbb",
          "aaaabbbb",
          "bbbbbbbbbbbb",
          "abababababab",
          "c");

  @Test
  void the_bytes_that_may_follow_are_those_that_some_text_of_the_language_goes_on_with() {
    walkByBytes(GRAMMARS, new Random(11));
  }

  @Tag("long")
  @Test
  void also_in_thousands_of_grammars() {
    walkByBytes(2_000, new Random(13));
    walkByTokens(2_000, new Random(14));
  }

  private static void walkByBytes(int grammars, Random random) {
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < grammars; i++) {
      Grammar grammar = RandomGrammars.next(random);
      NaiveRecogniser naive = new NaiveRecogniser(grammar);
      if (!naive.begins(new byte[0])) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> Program.compile(grammar))
            .withMessageContaining("no text can be finished");
        continue;
      }
      Machine machine = new Machine(Program.compile(grammar), 4);
      for (int walk = 0; walk < 4; walk++) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        State state = machine.start();
        while (state != null && text.size() <= LONGEST) {
          assertThat(state.accepts())
              .as("%s accepts \"%s\"", grammar, text)
              .isEqualTo(naive.accepts(text.toByteArray()));
          accepted += state.accepts() ? 1 : 0;
          List<Integer> follow = new ArrayList<>();
          for (int value = 'a'; value <= 'c'; value++) {
            boolean begins = naive.begins(plus(text, (byte) value));
            assertThat(machine.step(state, value) != null)
                .as("%s goes on from \"%s\" with %c", grammar, text, value)
                .isEqualTo(begins);
            if (begins) {
              follow.add(value);
            } else {
              refused++;
            }
          }
          state = follow.isEmpty() ? null : step(machine, state, follow, random, text);
        }
      }
    }
    assertThat(accepted).isGreaterThan(grammars);
    assertThat(refused).isGreaterThan(grammars);
  }

  private static @Nullable State step(
      Machine machine,
      State state,
      List<Integer> follow,
      Random random,
      ByteArrayOutputStream text) {
    int value = follow.get(random.nextInt(follow.size()));
    text.write(value);
    return machine.step(state, value);
  }

  private static byte[] plus(ByteArrayOutputStream text, byte... more) {
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.writeBytes(text.toByteArray());
    longer.writeBytes(more);
    return longer.toByteArray();
  }

  @Test
  void the_tokens_of_a_mask_are_those_that_some_text_of_the_language_goes_on_with() {
    walkByTokens(GRAMMARS, new Random(12));
  }

  private static void walkByTokens(int max, Random random) {
    int masks = 0;
    while (masks < max) {
      Grammar grammar = RandomGrammars.next(random);
      NaiveRecogniser naive = new NaiveRecogniser(grammar);
      if (naive.begins(new byte[0])) {
        masks += walk(grammar, naive, random);
      }
    }
  }

  /** Nested deeper than a mask first looks, with tokens that come back from there. */
  @Test
  void the_tokens_of_a_mask_are_right_at_any_depth() {
    for (String rules :
        List.of(
            "root ::= \"a\" root \"b\" | \"\"",
            "root ::= \"a\" root \"b\"? | \"a\"",
            "root ::= \"a\" root \"b\" | \"a\" root \"a\" | \"\"",
            "root ::= root \"b\" | \"a\" root \"a\" | \"a\"",
            "root ::= (\"a\" root \"b\"){0,5} | \"b\"")) {
      Grammar grammar = GbnfParser.parse(rules);
      NaiveRecogniser naive = new NaiveRecogniser(grammar);
      TokenConstraint constraint = bound(grammar);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      for (int depth = 0; depth < 24; depth++) {
        compare(grammar, naive, constraint, text);
        constraint.accept(0);
        text.write('a');
      }
    }
  }

  private static int walk(Grammar grammar, NaiveRecogniser naive, Random random) {
    TokenConstraint constraint = bound(grammar);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    int masks = 0;
    while (text.size() < 2 * LONGEST) {
      List<Integer> allowed = compare(grammar, naive, constraint, text);
      masks++;
      if (allowed.isEmpty()) {
        return masks;
      }
      int token = allowed.get(random.nextInt(allowed.size()));
      constraint.accept(token);
      text.writeBytes(TOKENS.bytes(token));
    }
    return masks;
  }

  private static TokenConstraint bound(Grammar grammar) {
    SamplerStage stage = CompiledConstraint.stage("grammar", TextGrammar.of(grammar));
    return Bound.of(stage, TOKENS, TOKENS.vocabulary().size(), TOKENS.end());
  }

  private static List<Integer> compare(
      Grammar grammar,
      NaiveRecogniser naive,
      TokenConstraint constraint,
      ByteArrayOutputStream text) {
    List<Integer> allowed = new ArrayList<>();
    long[] mask = constraint.mask();
    for (int token = 0; token < TOKENS.end(); token++) {
      boolean begins = naive.begins(plus(text, TOKENS.bytes(token)));
      assertThat(Bound.allows(mask, token))
          .as(
              "%s goes on from \"%s\" with %s",
              grammar, text, new String(TOKENS.bytes(token), StandardCharsets.US_ASCII))
          .isEqualTo(begins);
      if (begins) {
        allowed.add(token);
      }
    }
    assertThat(Bound.allows(mask, TOKENS.end())).isEqualTo(naive.accepts(text.toByteArray()));
    return allowed;
  }
}
