package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.spi.SamplerStage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random walks over a vocabulary of long tokens and of tokens that are parts of characters. */
class MaskPropertiesTest {
  private static final int WALKS = 12;
  private static final int STEPS = 30;

  /** A few ids more than the tokenizer has. */
  private static final int EXTRA = 70;

  private static final String[] TEXTS = {
    "a",
    "b",
    "ab",
    "ba",
    "aa",
    "aba",
    "{",
    "}",
    "\"",
    "\"a\"",
    "\":",
    "\": ",
    ",",
    ", \"",
    "[",
    "]",
    "[[",
    "1",
    "2",
    "0",
    "12",
    "-",
    ".",
    "e",
    "true",
    "tr",
    "ue",
    "null",
    " ",
    "  ",
    "\n",
    "\\",
    "u",
    "é",
    "<C3>",
    "<A9>",
    "a<C3>",
    "<A9>b",
    "€",
    "<E2><82>",
    "<AC>",
    "<AC>\"",
    "😀",
    "<F0><9F>",
    "<98><80>",
    "<80>",
    "x",
    "y",
    "z",
    "xyz",
    "yz",
    "}]",
    "]}",
    "\"}",
    ":",
    "",
    "name",
    "\"name\""
  };

  static List<SamplerStage> stages() {
    return List.of(
        Bound.stage("choice", "ab|aba|baab|é€|xyz"),
        Bound.stage("regex", "(a|b){2,5}(é|€|😀)*[^a]?"),
        Bound.stage("regex", "(?:ab|aba)*(?:x[yz]{0,40})?"),
        Bound.stage("regex", "[^\"]{3,200}"),
        Bound.stage("json", ""),
        Bound.stage("json", "", "max-depth", "2", "max-whitespace", "1"),
        Bound.stage("grammar", "root ::= \"a\" root \"b\" | \"é\" | \"\" "),
        Bound.stage("grammar", "root ::= \"{\" (root \",\"?)* \"}\" | [^{}]{1,3}"),
        Bound.stage(
            "json-schema",
            "{\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":3},\"ab\":{\"type\":"
                + "\"integer\",\"minimum\":1,\"maximum\":21}},\"required\":[\"name\"]}"),
        Bound.stage("json-schema", "{\"items\":{\"enum\":[\"é\",\"a\",12]},\"minItems\":2}"));
  }

  @ParameterizedTest
  @MethodSource("stages")
  void a_token_is_in_the_mask_exactly_where_its_bytes_can_follow(SamplerStage stage) {
    for (boolean strips : new boolean[] {false, true}) {
      Pieces tokenizer = new Pieces(Arrays.stream(TEXTS).map(Pieces::bytes).toList(), strips);
      if (strips) {
        walk(stage, tokenizer, 7);
      } else {
        walk(stage, tokenizer, 3);
      }
    }
  }

  private void walk(SamplerStage stage, Pieces tokenizer, long seed) {
    Random random = new Random(seed);
    int size = tokenizer.vocabulary().size() + EXTRA;
    for (int i = 0; i < WALKS; i++) {
      TokenConstraint constraint = Bound.of(stage, tokenizer, size, tokenizer.end());
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      boolean first = true;
      for (int step = 0; step < STEPS; step++) {
        List<Integer> allowed = new ArrayList<>();
        long[] mask = constraint.mask();
        for (int token = 0; token < mask.length * 64; token++) {
          boolean expected = canFollow(stage, text.toByteArray(), tokenizer, token, first);
          assertThat(Bound.allows(mask, token))
              .as("token %d behind \"%s\"", token, text)
              .isEqualTo(expected);
          if (expected) {
            allowed.add(token);
          } else {
            refuse(constraint, token);
          }
        }
        int forced = constraint.forced();
        if (forced >= 0) {
          assertThat(allowed).contains(forced);
        }
        int token =
            forced >= 0 && random.nextBoolean()
                ? forced
                : allowed.get(random.nextInt(allowed.size()));
        constraint.accept(token);
        if (token == tokenizer.end()) {
          break;
        }
        text.writeBytes(tokenizer.bytes(token, first ? -1 : 0));
        first = false;
      }
    }
  }

  private static void refuse(TokenConstraint constraint, int token) {
    long[] before = constraint.mask().clone();
    assertThatThrownBy(() -> constraint.accept(token)).isInstanceOf(ConstraintException.class);
    assertThat(constraint.mask()).isEqualTo(before);
  }

  /** By a constraint over single bytes, which knows no tree and no other tokens. */
  private static boolean canFollow(
      SamplerStage stage, byte[] text, Pieces tokenizer, int token, boolean first) {
    if (token > tokenizer.end()) {
      return false;
    }
    TokenConstraint bytes = Bound.of(stage, Bound.BYTES, 258, Bound.END);
    for (byte b : text) {
      bytes.accept(b & 0xFF);
    }
    if (token == tokenizer.end()) {
      return Bound.allows(bytes.mask(), Bound.END);
    }
    byte[] more = tokenizer.bytes(token, first ? -1 : 0);
    for (byte b : more) {
      if (!Bound.allows(bytes.mask(), b & 0xFF)) {
        return false;
      }
      bytes.accept(b & 0xFF);
    }
    return more.length > 0;
  }

  @ParameterizedTest
  @MethodSource("stages")
  void rolled_back_tokens_leave_no_trace_and_forks_are_independent(SamplerStage stage) {
    Pieces tokenizer = Pieces.of(TEXTS);
    Random random = new Random(5);
    for (int i = 0; i < WALKS; i++) {
      TokenConstraint constraint =
          Bound.of(stage, tokenizer, tokenizer.vocabulary().size(), tokenizer.end());
      List<Integer> taken = take(constraint, random.nextInt(8), random, tokenizer.end());
      TokenConstraint fork = constraint.fork();
      int more = take(constraint, random.nextInt(8), random, tokenizer.end()).size();
      constraint.rollback(more);
      assertThat(constraint.forced()).isEqualTo(fork.forced());
      int back = random.nextInt(taken.size() + 1);
      constraint.rollback(back);
      TokenConstraint plain =
          Bound.of(stage, tokenizer, tokenizer.vocabulary().size(), tokenizer.end());
      for (int token : taken.subList(0, taken.size() - back)) {
        plain.accept(token);
      }
      assertThat(constraint.forced()).isEqualTo(plain.forced());
      boolean ended = back == 0 && taken.contains(tokenizer.end());
      if (!ended) {
        assertThat(constraint.mask()).isEqualTo(plain.mask());
      }
      int left = taken.size() - back;
      assertThatThrownBy(() -> constraint.rollback(left + 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> constraint.rollback(-1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static List<Integer> take(TokenConstraint constraint, int steps, Random random, int end) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      List<Integer> allowed = new ArrayList<>();
      long[] mask;
      try {
        mask = constraint.mask();
      } catch (ConstraintException e) {
        return taken; // the text has ended
      }
      for (int token = 0; token <= end; token++) {
        if (Bound.allows(mask, token)) {
          allowed.add(token);
        }
      }
      int token = allowed.get(random.nextInt(allowed.size()));
      constraint.accept(token);
      taken.add(token);
    }
    return taken;
  }
}
