package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.EncodingOptions.Padding;
import io.fundamentallm.text.EncodingOptions.Side;
import io.fundamentallm.text.EncodingOptions.Strategy;
import io.fundamentallm.text.EncodingOptions.Truncation;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a tokenizer gives beside the ids: counts, beginnings, offsets, windows, padding, batches.
 */
abstract class EncodingContract extends DetokenizerContract {
  @Test
  void a_count_is_the_number_of_tokens() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      assertThat(tokenizer.count(text)).isEqualTo(tokenizer.encode(text).length);
    }
  }

  @Test
  void a_limited_encoding_is_the_beginning_of_the_whole() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (SpecialTokens allowed : List.of(SpecialTokens.none(), SpecialTokens.all())) {
      for (String text : texts()) {
        int[] tokens = tokenizer.encode(text, allowed);
        for (int max : new int[] {0, 1, 2, 7, tokens.length, tokens.length + 1}) {
          assertThat(tokenizer.encode(text, allowed, max))
              .isEqualTo(Arrays.copyOf(tokens, Math.min(max, tokens.length)));
        }
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a", SpecialTokens.none(), -1));
  }

  @Test
  void plain_options_give_the_ids_and_nothing_beside() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      Encoding encoding = tokenizer.encode(text, EncodingOptions.plain());
      assertThat(encoding.ids()).isEqualTo(tokenizer.encode(text));
      assertThat(encoding.starts()).isNull();
      assertThat(encoding.ends()).isNull();
      assertThat(encoding.attentionMask()).doesNotContain(0);
      assertThat(encoding.specialTokensMask()).doesNotContain(1);
      assertThat(encoding.overflowing()).isEmpty();
    }
  }

  @Test
  void special_tokens_stand_for_themselves_where_the_options_allow_them() throws IOException {
    Tokenizer tokenizer = tokenizer();
    assumeTrue(!tokenizer.vocabulary().special().isEmpty(), "there are no special tokens");
    EncodingOptions allowing = EncodingOptions.builder().allowed(SpecialTokens.all()).build();
    for (int id : tokenizer.vocabulary().special()) {
      String written = tokenizer.vocabulary().token(id);
      assertThat(tokenizer.encode(written, allowing).ids()).containsExactly(id);
    }
  }

  @Test
  void added_special_tokens_are_marked_and_the_rest_is_the_text() throws IOException {
    Tokenizer tokenizer = tokenizer();
    EncodingOptions adding = EncodingOptions.builder().addSpecialTokens(true).build();
    for (String text : texts()) {
      Encoding encoding = tokenizer.encode(text, adding);
      assertThat(textIds(encoding)).isEqualTo(tokenizer.encode(text));
      for (int i = 0; i < encoding.length(); i++) {
        if (encoding.specialTokensMask()[i] == 1) {
          assertThat(tokenizer.vocabulary().special()).contains(encoding.ids()[i]);
        }
      }
    }
  }

  @Test
  void offsets_lie_in_the_text_and_in_order() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (OffsetUnit unit : OffsetUnit.values()) {
      for (String text : texts()) {
        Encoding encoding = withOffsets(tokenizer, text, unit);
        assertThat(encoding.ids()).isEqualTo(tokenizer.encode(text));
        int end = OffsetRuler.length(text, unit);
        for (int i = 0; i < encoding.length(); i++) {
          assertThat(encoding.starts()[i]).isBetween(0, encoding.ends()[i]);
          assertThat(encoding.ends()[i]).isLessThanOrEqualTo(end);
          if (i > 0 && !offsetsLeaveOutWhiteSpace()) {
            assertThat(encoding.starts()[i]).isGreaterThanOrEqualTo(encoding.starts()[i - 1]);
          }
        }
      }
    }
  }

  @Test
  void offsets_are_those_of_the_characters_that_a_token_holds() throws IOException {
    assumeTrue(bytesAreTheText(), "the tokens together are not the text");
    assumeTrue(!offsetsLeaveOutWhiteSpace(), "offsets leave out white space");
    Tokenizer tokenizer = tokenizer();
    List<String> texts = new ArrayList<>(texts());
    if (encodesEveryText()) {
      texts.add("a lone \uD83D surrogate");
    }
    for (OffsetUnit unit : OffsetUnit.values()) {
      for (String text : texts) {
        Encoding encoding = withOffsets(tokenizer, text, unit);
        OffsetRuler ruler = OffsetRuler.of(text, unit);
        int from = 0;
        for (int i = 0; i < encoding.length(); i++) {
          byte[] bytes = tokenizer.bytes(encoding.ids()[i]);
          int to = from + bytes.length;
          assertThat(encoding.starts()[i]).as("start of token %d", i).isEqualTo(ruler.floor(from));
          assertThat(encoding.ends()[i]).as("end of token %d", i).isEqualTo(ruler.ceiling(to));
          from = to;
        }
      }
    }
  }

  @Test
  void a_token_of_whole_characters_is_its_part_of_the_text() throws IOException {
    assumeTrue(bytesAreTheText(), "the tokens together are not the text");
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      Encoding encoding = withOffsets(tokenizer, text, OffsetUnit.UTF16);
      for (int i = 0; i < encoding.length(); i++) {
        String token = tokenizer.decode(encoding.ids()[i]);
        String part = text.substring(encoding.starts()[i], encoding.ends()[i]);
        if (token.indexOf('\uFFFD') < 0) {
          assertThat(part).isEqualTo(offsetsLeaveOutWhiteSpace() ? token.strip() : token);
        }
      }
    }
  }

  @Test
  void truncation_gives_windows_that_share_their_stride() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (Side side : Side.values()) {
      Truncation truncation = new Truncation(5, 2, Strategy.LONGEST_FIRST, side);
      EncodingOptions options = EncodingOptions.builder().truncation(truncation).build();
      for (String text : texts()) {
        int[] all = tokenizer.encode(text);
        Encoding encoding = tokenizer.encode(text, options);
        List<Encoding> windows = new ArrayList<>(List.of(encoding));
        windows.addAll(encoding.overflowing());
        assertThat(windows).hasSize(all.length <= 5 ? 1 : (all.length - 5 + 2) / 3 + 1);
        for (int i = 0; i < windows.size(); i++) {
          int first = side == Side.RIGHT ? 3 * i : Math.max(all.length - 3 * i - 5, 0);
          int last = side == Side.RIGHT ? Math.min(3 * i + 5, all.length) : all.length - 3 * i;
          assertThat(windows.get(i).ids()).isEqualTo(Arrays.copyOfRange(all, first, last));
        }
      }
    }
  }

  @Test
  void added_special_tokens_count_as_part_of_a_window() throws IOException {
    Tokenizer tokenizer = tokenizer();
    EncodingOptions options = EncodingOptions.builder().addSpecialTokens(true).build();
    int added = tokenizer.encode("", options).length();
    EncodingOptions cut = options.toBuilder().maxLength(added + 4).build();
    for (String text : texts()) {
      int[] all = tokenizer.encode(text);
      Encoding encoding = tokenizer.encode(text, cut);
      assertThat(encoding.length()).isLessThanOrEqualTo(added + 4);
      assertThat(textIds(encoding)).isEqualTo(Arrays.copyOf(all, Math.min(4, all.length)));
      for (Encoding window : encoding.overflowing()) {
        assertThat(window.length()).isLessThanOrEqualTo(added + 4);
      }
    }
  }

  @Test
  void padding_fills_either_side() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (Side side : Side.values()) {
      Padding padding = new Padding(13, 8, side, 0, 0);
      EncodingOptions options = EncodingOptions.builder().padding(padding).build();
      for (String text : texts()) {
        int[] ids = tokenizer.encode(text);
        int length = Math.max(16, ids.length);
        int at = side == Side.LEFT ? length - ids.length : 0;
        int[] padded = new int[length];
        int[] mask = new int[length];
        System.arraycopy(ids, 0, padded, at, ids.length);
        Arrays.fill(mask, at, at + ids.length, 1);
        Encoding encoding = tokenizer.encode(text, options);
        assertThat(encoding.ids()).isEqualTo(padded);
        assertThat(encoding.attentionMask()).isEqualTo(mask);
        assertThat(encoding.specialTokensMask())
            .isEqualTo(Arrays.stream(mask).map(m -> 1 - m).toArray());
      }
    }
  }

  @Test
  void a_batch_is_its_texts_one_by_one() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (int repeated : new int[] {1, 20}) {
      List<String> texts =
          IntStream.range(0, repeated).mapToObj(i -> texts()).flatMap(List::stream).toList();
      for (EncodingOptions options : List.of(EncodingOptions.plain(), everything(tokenizer))) {
        List<List<Object>> expected =
            texts.stream().map(text -> values(tokenizer.encode(text, options))).toList();
        assertThat(tokenizer.encodeAll(texts, options).stream().map(EncodingContract::values))
            .isEqualTo(expected);
      }
    }
    assertThat(tokenizer.encodeAll(List.of(), EncodingOptions.plain())).isEmpty();
    assertThat(tokenizer.encodeAll(List.of(""), EncodingOptions.plain())).hasSize(1);
  }

  @Test
  void a_batch_is_padded_to_its_longest() throws IOException {
    Tokenizer tokenizer = tokenizer();
    Padding padding = new Padding(0, 1, Side.RIGHT, 0, 0);
    EncodingOptions options = EncodingOptions.builder().padding(padding).build();
    int longest = texts().stream().mapToInt(tokenizer::count).max().getAsInt();
    for (Encoding encoding : tokenizer.encodeAll(texts(), options)) {
      assertThat(encoding.length()).isEqualTo(longest);
    }
  }

  @Test
  void pairs_are_two_texts_or_refused() throws IOException {
    Tokenizer tokenizer = tokenizer();
    EncodingOptions options = EncodingOptions.builder().addSpecialTokens(true).build();
    for (String second : texts()) {
      Encoding pair;
      try {
        pair = tokenizer.encodePair("a", second, options);
      } catch (UnsupportedOperationException e) {
        assertThat(second)
            .as("whether there is a layout hangs on the text")
            .isEqualTo(texts().get(0));
        return;
      }
      int[] expected =
          IntStream.concat(
                  Arrays.stream(tokenizer.encode("a")), Arrays.stream(tokenizer.encode(second)))
              .toArray();
      assertThat(textIds(pair)).isEqualTo(expected);
    }
  }

  /** All that can be asked for together. */
  private static EncodingOptions everything(Tokenizer tokenizer) {
    int added =
        tokenizer.encode("", EncodingOptions.builder().addSpecialTokens(true).build()).length();
    return EncodingOptions.builder()
        .addSpecialTokens(true)
        .offsets(OffsetUnit.UTF16)
        .truncation(new Truncation(added + 9, 3, Strategy.LONGEST_FIRST, Side.RIGHT))
        .padding(new Padding(12, 4, Side.LEFT, 0, 0))
        .build();
  }

  private Encoding withOffsets(Tokenizer tokenizer, String text, OffsetUnit unit) {
    EncodingOptions options = EncodingOptions.builder().offsets(unit).build();
    try {
      return tokenizer.encode(text, options);
    } catch (UnsupportedOperationException e) {
      assumeTrue(bytesAreTheText(), "this tokenizer has no offsets");
      throw e;
    }
  }

  private static int[] textIds(Encoding encoding) {
    return IntStream.range(0, encoding.length())
        .filter(i -> encoding.specialTokensMask()[i] == 0)
        .map(i -> encoding.ids()[i])
        .toArray();
  }

  /** What an encoding holds, so that two compare by it. */
  private static List<Object> values(Encoding encoding) {
    return List.of(
        Arrays.toString(encoding.ids()),
        Arrays.toString(encoding.typeIds()),
        Arrays.toString(encoding.specialTokensMask()),
        Arrays.toString(encoding.attentionMask()),
        Arrays.toString(encoding.starts()),
        Arrays.toString(encoding.ends()),
        encoding.overflowing().stream().map(EncodingContract::values).toList());
  }
}
