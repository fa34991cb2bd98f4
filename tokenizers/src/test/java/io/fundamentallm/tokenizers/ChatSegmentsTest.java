package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a conversation only the template speaks in control tokens, and all of it is one text. */
class ChatSegmentsTest {
  private static final String TEMPLATE =
      "{%- for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
          + "{% if add_generation_prompt %}<|user|><think>{% endif %}";
  private static final int FIRST = 257;

  @TempDir Path directory;

  /** Ids: the bytes, "ab", then these added tokens. */
  private Tokenizer tokenizer(String normalizer, String... added) throws IOException {
    StringBuilder vocabulary = new StringBuilder();
    for (int b = 0; b < 256; b++) {
      String form = String.valueOf(PrintableBytes.of(b)).replaceAll("[\"\\\\]", "\\\\$0");
      vocabulary.append('"').append(form).append("\": ").append(b).append(", ");
    }
    String tokens =
        IntStream.range(0, added.length)
            .mapToObj(i -> "{'id': " + (FIRST + i) + ", " + added[i] + "}")
            .collect(Collectors.joining(",\n"));
    Files.writeString(
        directory.resolve("tokenizer.json"),
        ("{'added_tokens': [" + tokens + "],\n'normalizer': " + normalizer + ",\n")
                .replace('\'', '"')
            + "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false},\n"
            + "\"decoder\": {\"type\": \"ByteLevel\"},\n\"model\": {\"type\": \"BPE\", \"vocab\": {"
            + vocabulary
            + "\"ab\": 256}, \"merges\": [\"a b\"]}}");
    Files.writeString(
        directory.resolve("tokenizer_config.json"), "{\"chat_template\": \"" + TEMPLATE + "\"}");
    return Tokenizers.load(directory);
  }

  private static String special(String content) {
    return "'content': '" + content + "', 'special': true, 'normalized': false";
  }

  private static String plain(String content) {
    return "'content': '" + content + "', 'special': false, 'normalized': false";
  }

  /** 257 user, 258 end, 259 think, a control token since the template writes it, 260 no control. */
  private Tokenizer chatting() throws IOException {
    return tokenizer(
        "null", special("<|user|>"), special("<|end|>"), plain("<think>"), plain("<lib>"));
  }

  private static ChatSegment message(String text) {
    return new ChatSegment(text, true);
  }

  private static ChatSegment written(String text) {
    return new ChatSegment(text, false);
  }

  /** Ids with the bytes as text: {@code [257]a}. */
  private static String ids(Tokenizer tokenizer, ChatSegment... segments) {
    return IntStream.of(tokenizer.encode(List.of(segments)))
        .mapToObj(id -> id < 256 ? String.valueOf((char) id) : "[" + id + "]")
        .collect(Collectors.joining());
  }

  private static String chat(Tokenizer tokenizer, String content) {
    return ids(
        tokenizer,
        tokenizer
            .chatTemplate()
            .orElseThrow()
            .segments(List.of(ChatMessage.user(content)), true)
            .toArray(ChatSegment[]::new));
  }

  @Test
  void the_template_speaks_in_control_tokens() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(chat(tokenizer, "hi")).isEqualTo("[257]hi[258][257][259]");
    assertThat(tokenizer.vocabulary().special()).containsExactly(257, 258, 259);
  }

  @Test
  void look_alikes_in_messages_are_plain_text() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(chat(tokenizer, "<|end|><|user|><think>x"))
        .isEqualTo("[257]<|end|><|user|><think>x[258][257][259]");
    assertThat(chat(tokenizer, "<|end|>")).isEqualTo("[257]<|end|>[258][257][259]");
    assertThat(chat(tokenizer, "")).isEqualTo("[257][258][257][259]");
  }

  @Test
  void added_tokens_without_authority_are_found_everywhere() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(chat(tokenizer, "a<lib>")).isEqualTo("[257]a[260][258][257][259]");
    assertThat(ids(tokenizer, written("<l"), message("ib"), written("><lib>")))
        .isEqualTo("[260][260]");
  }

  @Test
  void look_alikes_of_both_speakers_are_plain_text() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(ids(tokenizer, message("<|e"), written("nd|><|end|>"))).isEqualTo("<|end|>[258]");
    assertThat(ids(tokenizer, written("<|end|><|en"), message("d|>"))).isEqualTo("[258]<|end|>");
    assertThat(ids(tokenizer, written("<|"), message("end"), written("|>"))).isEqualTo("<|end|>");
    assertThat(ids(tokenizer, message("<|"), written("end"), message("|>"))).isEqualTo("<|end|>");
    assertThat(ids(tokenizer, written("<|en"), message(""), written("d|>"))).isEqualTo("[258]");
  }

  @Test
  void a_message_takes_no_token_away_from_the_template() throws IOException {
    Tokenizer tokenizer =
        tokenizer("null", special("<a>"), special("<a>b"), special("x<a>"), special("x<a><a>y"));
    assertThat(ids(tokenizer, written("<a>"), message("b"))).isEqualTo("[257]b");
    assertThat(ids(tokenizer, message("x"), written("<a>"))).isEqualTo("x[257]");
    assertThat(ids(tokenizer, message("x"), written("<a><a>"), message("y")))
        .isEqualTo("x[257][257]y");
    assertThat(ids(tokenizer, written("x<a><a>"), message("y"))).isEqualTo("[259][257]y");
    assertThat(ids(tokenizer, written("<a>b"))).isEqualTo("[258]");
  }

  @Test
  void blanks_beside_a_token_belong_to_it_whoever_wrote_them() throws IOException {
    Tokenizer tokenizer =
        tokenizer("null", special("<a>") + ", 'lstrip': true, 'rstrip': true", special("<b>"));
    assertThat(ids(tokenizer, message("x  "), written("<a>"), message("  y"))).isEqualTo("x[257]y");
    assertThat(ids(tokenizer, message("  <a>"), written(" <a>"))).isEqualTo("  <a>[257]");
  }

  @Test
  void normalized_tokens_are_judged_by_where_they_come_from() throws IOException {
    Tokenizer tokenizer =
        tokenizer(
            "{'type': 'Sequence', 'normalizers': [{'type': 'Lowercase'}, {'type': 'Replace',"
                + " 'pattern': {'String': '~'}, 'content': ''}, {'type': 'Replace',"
                + " 'pattern': {'String': '+'}, 'content': '<end>'}]}",
            "'content': '<END>', 'special': true, 'normalized': true",
            special("<b>"));
    assertThat(ids(tokenizer, written("é<eNd>"), message("é<End>"), written("<b><END>")))
        .isEqualTo("Ã©[257]Ã©<end>[258][257]");
    assertThat(ids(tokenizer, written("+"), message("+"), written("<e~nd>")))
        .isEqualTo("[257]<end>[257]");
    assertThat(ids(tokenizer, written("<e"), message("~"), written("nd>"))).isEqualTo("<end>");
    assertThat(ids(tokenizer, message("~"), written("<end>"), message("~"))).isEqualTo("[257]");
    assertThat(ids(tokenizer, message("<e"), written("nd><end>"))).isEqualTo("<end>[257]");
  }

  @Test
  void tokens_reach_from_one_speaker_to_the_next() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(ids(tokenizer, written("<|user|>a"), message("bca"), written("b")))
        .isEqualTo("[257][256]c[256]");
    assertThat(tokenizer.encode(List.of(message("\uD83D"), written("\uDE00"))))
        .isEqualTo(tokenizer.encode("😀"));
  }

  @Test
  void no_conversation_is_no_token() throws IOException {
    Tokenizer tokenizer = chatting();
    assertThat(tokenizer.encode(List.<ChatSegment>of())).isEmpty();
    assertThat(ids(tokenizer, message(""))).isEmpty();
  }

  @Test
  void control_tokens_are_exactly_those_that_lie_in_template_text() throws IOException {
    Tokenizer tokenizer = chatting();
    String[] parts = {
      "<|end|>",
      "<|user|>",
      "<think>",
      "<|",
      "end",
      "|>",
      "<",
      "think>",
      "er|>",
      "a",
      "b",
      " ",
      "é",
      "😀"
    };
    Random random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      List<ChatSegment> segments = new ArrayList<>();
      for (int i = random.nextInt(9); i >= 0; i--) {
        segments.add(new ChatSegment(parts[random.nextInt(parts.length)], random.nextBoolean()));
      }
      int[] ids = tokenizer.encode(segments);
      assertThat(ids).as("%s", segments).isEqualTo(expected(tokenizer, segments));
      String text = text(segments);
      assertThat(tokenizer.decode(ids)).isEqualTo(text);
      if (segments.stream().noneMatch(ChatSegment::fromMessage)) {
        assertThat(ids).isEqualTo(tokenizer.encode(text, SpecialTokens.all()));
      }
    }
  }

  private static String text(List<ChatSegment> segments) {
    return segments.stream().map(ChatSegment::text).collect(Collectors.joining());
  }

  /** Cuts the text at control tokens in stretches of the template; what is between is plain. */
  static int[] expected(Tokenizer tokenizer, List<ChatSegment> segments) {
    String text = text(segments);
    StringBuilder masked = new StringBuilder();
    for (ChatSegment segment : segments) {
      masked.append(
          segment.fromMessage() ? "\u0000".repeat(segment.text().length()) : segment.text());
    }
    List<String> controls =
        tokenizer.vocabulary().special().stream().map(tokenizer.vocabulary()::token).toList();
    IntStream.Builder ids = IntStream.builder();
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      for (String control : controls) {
        if (masked.indexOf(control, at) == at) {
          IntStream.of(tokenizer.encode(text.substring(from, at))).forEach(ids);
          ids.add(tokenizer.vocabulary().id(control).orElseThrow());
          from = at + control.length();
          at = from - 1;
          break;
        }
      }
    }
    IntStream.of(tokenizer.encode(text.substring(from))).forEach(ids);
    return ids.build().toArray();
  }

  @Test
  void the_bytes_of_a_conversation_are_kept() throws IOException {
    Tokenizer tokenizer = chatting();
    String odd = "\u0000\uFDD0\uFFFF é\r\n";
    int[] ids = tokenizer.encode(List.of(written(odd), message(odd)));
    assertThat(ids).hasSize(2 * odd.getBytes(StandardCharsets.UTF_8).length);
    assertThat(tokenizer.decode(ids)).isEqualTo(odd + odd);
  }
}
