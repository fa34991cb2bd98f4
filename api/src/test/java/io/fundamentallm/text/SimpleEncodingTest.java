package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.EncodingOptions.Padding;
import io.fundamentallm.text.EncodingOptions.Side;
import io.fundamentallm.text.EncodingOptions.Strategy;
import io.fundamentallm.text.EncodingOptions.Truncation;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimpleEncodingTest {
  private static final Tokenizer BYTES = ByteTokenizer.withBeginAndEnd();
  private static final EncodingOptions ADDING =
      EncodingOptions.builder().addSpecialTokens(true).build();

  @Test
  void a_part_of_a_character_has_the_range_of_the_whole() {
    Encoding encoding = encoded("a\u20AC", OffsetUnit.CODE_POINTS);
    assertThat(encoding.ids()).containsExactly('a', 0xE2, 0x82, 0xAC);
    assertThat(encoding.starts()).containsExactly(0, 1, 1, 1);
    assertThat(encoding.ends()).containsExactly(1, 2, 2, 2);
    assertThat(encoded("a\u20AC", OffsetUnit.BYTES).starts()).containsExactly(0, 1, 1, 1);
    assertThat(encoded("a\u20AC", OffsetUnit.BYTES).ends()).containsExactly(1, 4, 4, 4);
    assertThat(encoded("\uD83D\uDE42", OffsetUnit.UTF16).ends()).containsExactly(2, 2, 2, 2);
  }

  @Test
  void a_lone_surrogate_has_offsets_too() {
    Encoding encoding = encoded("\uD83Db", OffsetUnit.UTF16);
    assertThat(encoding.starts()).containsExactly(0, 0, 0, 1);
    assertThat(encoding.ends()).containsExactly(1, 1, 1, 2);
  }

  @Test
  void without_being_asked_there_are_no_offsets() {
    Encoding encoding = BYTES.encode("ab", EncodingOptions.plain());
    assertThat(encoding.starts()).isNull();
    assertThat(encoding.ends()).isNull();
    assertThat(encoding.attentionMask()).containsExactly(1, 1);
    assertThat(encoding.typeIds()).containsExactly(0, 0);
  }

  @Test
  void tokens_that_are_not_the_text_have_no_offsets() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> encoded(new Lowered(), "ab C", OffsetUnit.UTF16))
        .withMessageContaining("its tokens together are not the text")
        .withMessageContaining("token 99 at index 3")
        .withMessageContaining("byte 3");
    assertThat(new Lowered().encode("ab C", EncodingOptions.plain()).ids()).hasSize(4);
  }

  @Test
  void the_begin_token_is_added_once_and_has_no_text() {
    EncodingOptions options = ADDING.toBuilder().offsets(OffsetUnit.BYTES).build();
    Encoding encoding = BYTES.encode("ab", options);
    assertThat(encoding.ids()).containsExactly(256, 'a', 'b');
    assertThat(encoding.specialTokensMask()).containsExactly(1, 0, 0);
    assertThat(encoding.starts()).containsExactly(0, 0, 1);
    assertThat(encoding.ends()).containsExactly(0, 1, 2);
    EncodingOptions allowing = options.toBuilder().allowed(SpecialTokens.all()).build();
    assertThat(BYTES.encode("<s>a", allowing).ids()).containsExactly(256, 'a');
    assertThat(BYTES.encode("", options).ids()).containsExactly(256);
    assertThat(ByteTokenizer.plain().encode("a", options).ids()).containsExactly('a');
  }

  @Test
  void every_window_begins_with_the_added_token_which_counts() {
    Encoding encoding =
        BYTES.encode(
            "abcde",
            ADDING.toBuilder()
                .truncation(new Truncation(4, 1, Strategy.LONGEST_FIRST, Side.RIGHT))
                .build());
    assertThat(encoding.ids()).containsExactly(256, 'a', 'b', 'c');
    assertThat(encoding.overflowing()).hasSize(1);
    assertThat(encoding.overflowing().get(0).ids()).containsExactly(256, 'c', 'd', 'e');
  }

  @Test
  void one_text_is_not_cut_as_a_second() {
    EncodingOptions options =
        EncodingOptions.builder()
            .truncation(new Truncation(2, 0, Strategy.ONLY_SECOND, Side.RIGHT))
            .build();
    assertThat(BYTES.encode("ab", options).length()).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BYTES.encode("abc", options))
        .withMessageContaining("3 tokens");
  }

  @Test
  void padding_alone_is_to_its_length_rounded_up() {
    assertThat(BYTES.encode("ab", padding(3, 4, Side.LEFT)).ids()).containsExactly(7, 7, 'a', 'b');
    assertThat(BYTES.encode("abcde", padding(3, 4, Side.LEFT)).length()).isEqualTo(5);
    assertThat(BYTES.encode("ab", padding(0, 4, Side.LEFT)).length()).isEqualTo(2);
  }

  @Test
  void a_batch_is_padded_to_its_longest_rounded_up() {
    List<Encoding> all = BYTES.encodeAll(List.of("a", "abc", ""), padding(0, 2, Side.RIGHT));
    assertThat(all.get(0).ids()).containsExactly('a', 7, 7, 7);
    assertThat(all.get(0).attentionMask()).containsExactly(1, 0, 0, 0);
    assertThat(all.get(0).specialTokensMask()).containsExactly(0, 1, 1, 1);
    assertThat(all.get(0).typeIds()).containsExactly(0, 3, 3, 3);
    assertThat(all.get(1).ids()).containsExactly('a', 'b', 'c', 7);
    assertThat(all.get(2).ids()).containsExactly(7, 7, 7, 7);
    assertThat(BYTES.encodeAll(List.of(), padding(0, 2, Side.RIGHT))).isEmpty();
  }

  @Test
  void a_large_batch_keeps_its_order() {
    List<String> texts = IntStream.range(0, 500).mapToObj(Integer::toString).toList();
    List<Encoding> all = BYTES.encodeAll(texts, EncodingOptions.plain());
    assertThat(all.stream().map(encoding -> BYTES.decode(encoding.ids()))).isEqualTo(texts);
  }

  @Test
  void what_the_first_bad_text_of_a_batch_throws_is_thrown_as_it_is() {
    List<String> texts = IntStream.range(0, 100).mapToObj(i -> i < 40 ? "a" : "!" + i).toList();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Lowered().encodeAll(texts, EncodingOptions.plain()))
        .withMessage("refused: !40")
        .withNoCause();
  }

  private static EncodingOptions padding(int length, int multipleOf, Side side) {
    return EncodingOptions.builder().padding(new Padding(length, multipleOf, side, 7, 3)).build();
  }

  private static Encoding encoded(String text, OffsetUnit unit) {
    return encoded(BYTES, text, unit);
  }

  private static Encoding encoded(Tokenizer tokenizer, String text, OffsetUnit unit) {
    return tokenizer.encode(text, EncodingOptions.builder().offsets(unit).build());
  }

  /** Its tokens are the text in lower case; it refuses exclamation marks. */
  private record Lowered() implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      if (text.toString().startsWith("!")) {
        throw new IllegalArgumentException("refused: " + text);
      }
      return text.chars().map(Character::toLowerCase).toArray();
    }

    @Override
    public byte[] bytes(int token) {
      return BYTES.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return BYTES.vocabulary();
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException("it is for one test");
    }
  }
}
