package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplatesTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}";

  @TempDir private Path directory;

  private static String rendered(ChatTemplate template) {
    return template.render(List.of(ChatMessage.user("Hello")), false);
  }

  @Test
  void a_text_is_a_template() {
    assertThat(rendered(ChatTemplates.jinja(TEMPLATE, Map.of("eos_token", "</s>"))))
        .isEqualTo("user: Hello</s>");
  }

  @Test
  void a_directory_without_one_has_none() throws IOException {
    assertThat(ChatTemplates.in(directory)).isEmpty();
    Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|end|>\"}");
    assertThat(ChatTemplates.in(directory)).isEmpty();
  }

  @Test
  void a_file_of_its_own_goes_with_the_tokens_that_the_configuration_names() throws IOException {
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        "{\"eos_token\": {\"content\": \"<|end|>\"}, \"chat_template\": \"older\"}");
    assertThat(rendered(ChatTemplates.in(directory).orElseThrow())).isEqualTo("older");
    Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    assertThat(rendered(ChatTemplates.in(directory).orElseThrow())).isEqualTo("user: Hello<|end|>");
  }

  @Test
  void tokens_that_no_file_names_are_those_of_the_vocabulary() throws IOException {
    Vocabulary vocabulary = new ByteTokenizer(List.of("<s>", "</s>")).vocabulary();
    assertThat(ChatTemplates.in(directory, vocabulary)).isEmpty();
    Files.writeString(directory.resolve("chat_template.jinja"), "{{ bos_token }}" + TEMPLATE);
    assertThat(rendered(ChatTemplates.in(directory, vocabulary).orElseThrow()))
        .isEqualTo("<s>user: Hello</s>");
    Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|end|>\"}");
    assertThat(rendered(ChatTemplates.in(directory, vocabulary).orElseThrow()))
        .isEqualTo("<s>user: Hello<|end|>");
  }

  @Test
  void a_fault_names_its_file_and_line() throws IOException {
    Path json = directory.resolve("tokenizer_config.json");
    Files.writeString(json, "{\"chat_template\": \"a\\n{{ 7 | upsidedown }}\"}");
    faulty("chat template, line 2: ", in("tokenizer_config.json"));
    Path own = directory.resolve("chat_template.jinja");
    Files.writeString(own, "{% for %}");
    faulty("chat template, line 1: ", in("chat_template.jinja"));
    Files.writeString(own, "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}");
    faulty("the chat template nests too deeply", in("chat_template.jinja"));
  }

  /** The file with its directory, but not where that is. */
  private String in(String file) {
    return " (" + directory.getFileName().resolve(file) + ")";
  }

  private void faulty(String start, String end) throws IOException {
    ChatTemplate template = ChatTemplates.in(directory).orElseThrow();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rendered(template))
        .withMessageStartingWith(start)
        .withMessageEndingWith(end);
  }

  @Test
  void what_a_template_refuses_stays_in_its_own_words() throws IOException {
    Files.writeString(directory.resolve("chat_template.jinja"), "{{ raise_exception('no') }}");
    ChatTemplate template = ChatTemplates.in(directory).orElseThrow();
    assertThatIllegalArgumentException().isThrownBy(() -> rendered(template)).withMessage("no");
  }

  @Test
  void a_file_that_is_no_text_is_told() throws IOException {
    Files.write(directory.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xFF});
    assertThatIOException()
        .isThrownBy(() -> ChatTemplates.in(directory))
        .withMessageEndingWith("chat_template.jinja: malformed UTF-8");
  }
}
