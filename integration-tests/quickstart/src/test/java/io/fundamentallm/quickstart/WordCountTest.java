package io.fundamentallm.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordCountTest {
  @Test
  void words_are_counted_whole_and_whatever_their_case() {
    WordCount words = new WordCount("It isn't a \"truth\", is it?");
    words.count("t Truth, isn't IT; xyzzy a (truth) trut");
    assertThat(words.summary("the text"))
        .isEqualTo("5 of the 6 words it wrote (83 %) occur in the text.");
  }

  @Test
  void a_text_without_a_whole_word_has_no_share() {
    WordCount words = new WordCount("It is a truth");
    words.count("abc");
    assertThat(words.summary("the text")).isEqualTo("It wrote no whole words.");
  }
}
