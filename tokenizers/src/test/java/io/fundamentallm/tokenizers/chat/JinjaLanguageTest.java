package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.text.ChatMessage;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The language itself: what Python renders, and how mistakes are told. */
class JinjaLanguageTest {
  private static final List<ChatMessage> MESSAGES =
      List.of(
          ChatMessage.system("sys"),
          ChatMessage.user("  u {{ 7*7 }}\n"),
          ChatMessage.assistant("A"),
          ChatMessage.user("é😀"));

  private static String render(String template) {
    return new JinjaChatTemplate(template, Map.of("bos_token", "<s>")).render(MESSAGES, true);
  }

  static Stream<Arguments> language() {
    return Goldens.read("language.json").stream()
        .map(pair -> Arguments.of(((List<?>) pair).get(0), ((List<?>) pair).get(1)));
  }

  @ParameterizedTest
  @MethodSource("language")
  void renders_as_python_does(String template, String expected) {
    assertThat(render(template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '`',
      value = {
        "{% if true %}! line 1: unexpected end of template, expected 'elif' or 'else' or 'endif'",
        "{{ 'abc }}! line 1: a string without an end",
        "{{ (1 }}! line 1: unexpected '}'",
        "{{ a b }}! line 1: unexpected 'b'",
        "{% include 'x' %}! line 1: unknown tag 'include'",
        "{{ 'a' | sparkle }}! line 1: unknown filter 'sparkle'",
        "{{ 1 is sparkling }}! line 1: unknown test 'sparkling'",
        "{{ sparkle() }}! line 1: 'sparkle' is undefined",
        "{{ 'a'.sparkle() }}! line 1: 'str object' has no attribute 'sparkle'",
        "{{ messages.append(1) }}! line 1: 'list object' has no attribute 'append'",
        "{{ 1 // 0 }}! line 1: arithmetic: / by zero",
        "{% break %}! line 1: 'break' outside a loop",
        "{{ x.y.z }}! line 1: 'x' is undefined",
        "{{ 'a' + cls_token }}! line 1: 'cls_token' is undefined: neither tokenizer_config.json nor"
            + " the tokenizer's vocabulary has one",
        "{{ 'a' + eos_token }}! line 1: 'eos_token' is undefined: neither tokenizer_config.json nor"
            + " the tokenizer's vocabulary has one; learn a tokenizer that has one: wordpiece and"
            + " special=false have none"
      })
  void a_mistake_is_told_with_its_line(String template, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> render(template))
        .withMessage("chat template," + " " + message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> render("\n\n" + template))
        .withMessage("chat template," + " " + message.replace("line 1", "line 3"));
  }

  @Test
  void a_template_refuses_in_its_own_words() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> render("{{ raise_exception('not ' + messages[0].role) }}"))
        .withMessage("not system");
  }

  @Test
  void what_no_conversation_reaches_may_be_unknown() {
    assertThat(render("{% if tools %}{{ tools | sparkle }}{% endif %}fine")).isEqualTo("fine");
  }

  @Test
  void the_date_is_written_as_by_strftime() {
    JinjaChatTemplate template =
        new JinjaChatTemplate(
            "{{ strftime_now('%d %b %Y|%A %-d %B|%H:%M:%S|%I %p|%j %y%%') }}",
            Map.of(), null, () -> LocalDateTime.of(2024, 7, 6, 15, 4, 5));

    assertThat(template.render(MESSAGES, false))
        .isEqualTo("06 Jul 2024|Saturday 6 July|15:04:05|03 PM|188 24%");
  }
}
