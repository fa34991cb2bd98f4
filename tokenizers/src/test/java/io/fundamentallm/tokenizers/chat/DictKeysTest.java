package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.tokenizers.chat.value.MarkedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keys of dicts are found fast, whatever keys a template chooses. The bound of time is missed only
 * by what looks at all keys to find one.
 */
@Timeout(300)
class DictKeysTest {
  private static String rendered(String template) {
    return new JinjaChatTemplate(template, Map.of()).render(List.of(), true);
  }

  /**
   * 16,384 texts that have one hash in Java: "Aa" and "BB" have, and so all that is made of them.
   */
  private static List<String> alike() {
    List<String> texts = new ArrayList<>(List.of(""));
    for (int i = 0; i < 14; i++) {
      texts =
          texts.stream()
              .<String>mapMulti(
                  (text, more) -> {
                    more.accept(text + "Aa");
                    more.accept(text + "BB");
                  })
              .toList();
    }
    return texts;
  }

  /** At worst quadratic: 20 copies took eleven billion comparisons. */
  @Test
  void texts_of_one_hash_are_found_fast() {
    String entries =
        alike().stream().map(text -> "'" + text + "':1").collect(Collectors.joining(","));
    String template =
        "{% set d = {"
            + entries
            + "} %}{% for i in range(100) %}{{ dict(d) | length }} {% endfor %}";
    assertThat(rendered(template)).isEqualTo("16384 ".repeat(100));
  }

  /** A dict orders keys of one hash only where they are of one kind. */
  @Test
  void no_template_foresees_the_hash_of_a_text() {
    assertThat(MarkedText.of("Aa")).hasSameHashCodeAs(MarkedText.ofMessage("Aa"));
    assertThat(MarkedText.of("Aa").hashCode()).isNotEqualTo("Aa".hashCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% set x = {1.5: 1} %}",
        "{% set x = {1.0: 1} %}",
        "{% set x = {1: 1}[1.0] %}",
        "{% set x = 0.5 in {1: 1} %}",
        "{% set x = {1: 1}.get(0.5) %}",
        "{% set x = {2147483648: 1} %}",
        "{% set x = {-2147483649: 1} %}",
        "{% set x = {1: 1}.get(4294967296 * 4) %}",
        "{% set x = {1: 1}[[1]] %}",
      })
  void a_key_is_a_text_or_an_integer_of_which_few_have_one_hash(String template) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rendered(template))
        .withMessageContaining("key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{{ {2147483647: 1}[2147483647] }} ~ 1",
        "{{ {-2147483648: 1}[-2147483648] }} ~ 1",
        "{{ {-1: 1, 0: 2}[-1] }} ~ 1",
        "{{ {true: 1, false: 2}[false] }} ~ 2",
        "{{ {none: 1}[none] }} ~ 1",
        "{{ {'a': 1}.get(none) }} ~ None",
        "{{ {'Aa': 1, 'BB': 2}['BB'] }} ~ 2",
      })
  void other_keys_find_what_they_stand_for(String template, String expected) {
    assertThat(rendered(template)).isEqualTo(expected);
  }
}
