package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateMarkersTest {
  private static Set<String> markers(String template, String... tokens) {
    return TemplateMarkers.among(List.of(tokens), template, Map.of("bos_token", "<s>"));
  }

  @Test
  void white_space_words_and_signs_are_no_markers_though_every_template_writes_them() {
    String[] ordinary = {
      "\n", "\n\n", " ", "  ", "\t", "user", "model", "a", "|", "<>", "[]", "{}"
    };
    String template =
        "<>[]{}| user\n\n\t  {{ '\\n' ~ '\\n\\n' ~ 'a model' }}{% for m in messages %}"
            + "{{ m.role ~ '\n' ~ m.content }}\n{% endfor %}";

    assertThat(markers(template, ordinary)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<think>",
        "x <think> y",
        "{{ '<think>' }}",
        "{{ '<th' 'ink>' }}",
        "{{ '\\u003cthink>' }}",
        "{{ 'a' ~ '\\n<think>\\n' ~ 'b' }}",
        "{% set x = '<think>' %}",
        "{% if tools %}{{ '<think>' }}{% endif %}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{% if tools %}{{ m('<think>') }}{% endif %}",
        "{% if tools %}{{ tools | join('<think>') }}{% endif %}",
        "{% raw %}<think>{% endraw %}",
        "{% if true %}unreadable <think>",
        "{{ '<' ~ 'think' ~ '>' }}",
        "{% for m in messages %}{% if m.role == 'tool' %}{{ '<' ~ 'think>' }}{% endif %}{% endfor %}",
      })
  void what_the_template_writes_is_a_marker(String template) {
    assertThat(markers(template, "<think>", "<table>", "\n")).containsExactly("<think>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{# never <table> #}",
        "{% if '<table>' in messages[0].content %}{% endif %}",
        "{% if messages[0].content == '<table>' %}{% endif %}",
        "{% if messages[0].content in ['a', '<table>'] %}{% endif %}",
        "{% if messages[0].content.startswith('<table>') %}{% endif %}",
        "{% if messages[0].content.startswith(('<th>', '<table>')) %}{% endif %}",
        "{{ messages[0].content.split('<table>')[-1] }}",
        "{% if messages[0].content is eq('<table>') %}{% endif %}",
        "{% if tools %}{{ raise_exception('no <table> here') }}{% endif %}",
        "{{ messages[0]['<table>'] }}",
        "{% set table = 1 %}{{ table }}",
      })
  void what_is_only_looked_for_or_told_is_none(String template) {
    assertThat(markers(template, "<table>")).isEmpty();
  }

  @Test
  void a_marker_that_is_put_together_from_a_role_is_one() {
    String template = "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}";

    assertThat(markers(template, "<|user|>", "<|assistant|>", "<|system|>", "<|critic|>"))
        .containsExactlyInAnyOrder("<|user|>", "<|assistant|>", "<|system|>");
  }

  @Test
  void what_a_message_says_makes_no_marker() {
    // the trial conversation's contents are letters
    assertThat(markers("[{{ messages[0].content }}]", "[a]")).isEmpty();
  }

  @Test
  void a_marker_comes_with_its_counterpart() {
    // the template opens a thought, and looks for the end that the model wrote
    String opens = "{{ messages[0].content.split('</think>')[-1] ~ '<think>' }}";
    assertThat(markers(opens, "<think>", "</think>", "</b>"))
        .containsExactlyInAnyOrder("<think>", "</think>");
    assertThat(markers("</think>", "<think>", "</think>"))
        .containsExactlyInAnyOrder("<think>", "</think>");
    assertThat(markers("[/INST]", "[INST]", "[/INST]"))
        .containsExactlyInAnyOrder("[INST]", "[/INST]");
  }

  @Test
  void a_template_without_end_does_not_keep_its_tokenizer_from_loading() {
    String hostile =
        "<|a|>{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";

    assertThat(markers(hostile, "<|a|>", "<|b|>")).containsExactly("<|a|>");
  }
}
