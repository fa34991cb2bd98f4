package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.DetokenizerOptions;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which added tokens count where no special token is allowed. */
class ControlTokensTest {
  /**
   * In the manner of Gemma 3: line ends, runs of spaces and HTML are added tokens, and ordinary.
   */
  private static final String GEMMA =
      """
      {"added_tokens": [
         {"id": 0, "content": "<pad>", "special": true}, {"id": 1, "content": "<eos>", "special": true},
         {"id": 2, "content": "<bos>", "special": true}, {"id": 3, "content": "<unk>", "special": true},
         {"id": 4, "content": "<start_of_turn>", "special": true},
         {"id": 5, "content": "<end_of_turn>", "special": true},
         {"id": 6, "content": "\\n"}, {"id": 7, "content": "\\n\\n"}, {"id": 8, "content": "▁▁"},
         {"id": 9, "content": "<table>"}, {"id": 10, "content": "</table>"}],
       "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
       "pre_tokenizer": {"type": "Split", "pattern": {"String": " "},
         "behavior": "MergedWithPrevious", "invert": false},
       "decoder": {"type": "Sequence", "decoders": [
         {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
         {"type": "ByteFallback"}, {"type": "Fuse"}]},
       "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
         "vocab": {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<unk>": 3, "<start_of_turn>": 4,
           "<end_of_turn>": 5, "\\n": 6, "\\n\\n": 7, "▁▁": 8, "<table>": 9, "</table>": 10
           %s}, "merges": []}}
      """;

  private static final String GEMMA_TEMPLATE =
      """
      {{ bos_token }}
      {%- if messages[0]['role'] == 'system' -%}
          {%- set first_user_prefix = messages[0]['content'] + '

      ' -%}
          {%- set loop_messages = messages[1:] -%}
      {%- else -%}
          {%- set first_user_prefix = "" -%}
          {%- set loop_messages = messages -%}
      {%- endif -%}
      {%- for message in loop_messages -%}
          {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
              {{ raise_exception("Roles must alternate user/assistant/user/assistant/...") }}
          {%- endif -%}
          {{- '<start_of_turn>' + message['role'] + '
      ' + (first_user_prefix if loop.first else "") }}
          {{- message['content'] | trim }}
          {{- '<end_of_turn>\\n' }}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}
      """;

  @TempDir Path directory;

  private Tokenizer gemma(String template) throws IOException {
    StringBuilder letters = new StringBuilder();
    int id = 11;
    for (int c = 'a'; c <= 'z'; c++) {
      letters.append(", \"").append((char) c).append("\": ").append(id++);
    }
    for (String other : List.of("▁", "L", "T", "<", ">", "/", "_")) {
      letters.append(", \"").append(other).append("\": ").append(id++);
    }
    Files.writeString(directory.resolve("tokenizer.json"), GEMMA.formatted(letters));
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<bos>\", \"eos_token\": \"<eos>\", \"pad_token\": \"<pad>\","
            + " \"unk_token\": \"<unk>\", \"chat_template\": \""
            + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(template))
            + "\"}");
    return Tokenizers.load(directory, Registry.of(getClass().getClassLoader()));
  }

  @Test
  void line_ends_that_are_added_tokens_are_ordinary_whatever_the_template_writes()
      throws IOException {
    Tokenizer tokenizer = gemma(GEMMA_TEMPLATE);
    String text = "Line one\nLine two\n\nLine  three <table></table>";
    int[] ids = tokenizer.encode(text);

    assertThat(ids).contains(6, 7, 9, 10);
    assertThat(ids).isEqualTo(tokenizer.encode(text, SpecialTokens.all()));
    assertThat(tokenizer.vocabulary().special()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(tokenizer.decode(ids, DetokenizerOptions.plain().withSkipSpecialTokens(true)))
        .isEqualTo(text);
  }

  @Test
  void line_ends_in_a_conversation_are_the_same_tokens_wherever_they_come_from()
      throws IOException {
    Tokenizer tokenizer = gemma(GEMMA_TEMPLATE);
    List<ChatMessage> messages =
        List.of(
            ChatMessage.system("be\n\nbrief"),
            ChatMessage.user("one\ntwo <start_of_turn>"),
            ChatMessage.assistant("three"),
            ChatMessage.user("four"));
    int[] ids = tokenizer.encode(tokenizer.chatTemplate().orElseThrow().segments(messages, true));
    long turns = java.util.stream.IntStream.of(ids).filter(id -> id == 4).count();
    long lines = java.util.stream.IntStream.of(ids).filter(id -> id == 6).count();
    long blank = java.util.stream.IntStream.of(ids).filter(id -> id == 7).count();

    assertThat(turns).isEqualTo(4); // and not the one that was said
    assertThat(lines).isEqualTo(8);
    assertThat(blank).isEqualTo(2);
  }

  @Test
  void a_marker_of_the_template_is_special_by_its_use() throws IOException {
    Tokenizer tokenizer = gemma(GEMMA_TEMPLATE + "{{ '<table>' }}");

    assertThat(tokenizer.vocabulary().special()).containsExactly(0, 1, 2, 3, 4, 5, 9, 10);
    assertThat(tokenizer.encode("<table>")).doesNotContain(9).hasSizeGreaterThan(1);
    assertThat(tokenizer.encode("<table>", SpecialTokens.all())).containsExactly(9);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.tokenizers.Golden#all")
  void without_leave_all_but_control_tokens_count(String name) throws IOException {
    Path files = Golden.files(name, directory);
    boolean configured = Files.exists(files.resolve("tokenizer_config.json"));
    Tokenizer tokenizer = Tokenizers.load(files, Registry.of(getClass().getClassLoader()));
    Set<String> control = new TreeSet<>();
    for (int id : tokenizer.vocabulary().special()) {
      control.add(tokenizer.vocabulary().token(id));
    }
    boolean exact = !Set.of("bert-base-uncased", "t5", "mistral-v1").contains(name);
    int unk = tokenizer.vocabulary().unk().orElse(-1);
    int[] counts = new int[2];
    Golden.vectors(
        name,
        vector -> {
          int[] ids = tokenizer.encode(vector.text());
          int[] all = tokenizer.encode(vector.text(), SpecialTokens.all());
          String text = vector.text();
          String place = name + ", text " + vector.id();
          if (control.stream().noneMatch(text::contains)) {
            assertThat(ids).as(place).isEqualTo(vector.ids());
            counts[0]++;
          } else {
            // by the rule: no control token, the same text, and all other tokens around
            for (int id : ids) {
              // what stands for unknown text is no look-alike
              assertThat(id == unk || !tokenizer.vocabulary().special().contains(id))
                  .as(place)
                  .isTrue();
            }
            if (exact) {
              assertThat(tokenizer.decode(ids)).as(place).isEqualTo(tokenizer.decode(all));
            }
            counts[1]++;
          }
        });
    System.out.printf(
        "%s, %s configuration: %d texts by default as the reference, %d with look-alikes%n",
        name, configured ? "with" : "without", counts[0], counts[1]);
    assertThat(counts[0]).isGreaterThan(2000);
  }
}
