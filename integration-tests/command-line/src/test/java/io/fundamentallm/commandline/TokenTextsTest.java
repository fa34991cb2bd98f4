package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Tokenizer;
import org.junit.jupiter.api.Test;

class TokenTextsTest {
  @Test
  void pieces_are_texts_and_parts_of_characters_are_bytes() throws Exception {
    Tokenizer pairs = Tokenizers.learn("bpe(vocab-size=270)", "the is the is the is é");
    TokenTexts texts = new TokenTexts(pairs);
    StringBuilder all = new StringBuilder();
    for (int token : pairs.encode("the is")) {
      all.append(texts.text(token));
    }
    assertThat(all).hasToString("the is"); // the vocabulary writes the space as another letter

    Tokenizer bytes = Tokenizers.learn("byte", "a");
    int[] halves = bytes.encode("é");
    assertThat(new TokenTexts(bytes).text(halves[0])).isEqualTo("bytes:\\xc3");
    assertThat(new TokenTexts(bytes).text(halves[1])).isEqualTo("bytes:\\xa9");
  }

  @Test
  void in_a_line_only_a_text_is_escaped() throws Exception {
    TokenTexts texts = new TokenTexts(Tokenizers.learn("byte", "a"));
    assertThat(texts.line(Tokenizers.learn("byte", "a").encode("é")[0])).isEqualTo("bytes:\\xc3");
    assertThat(texts.line('\n')).isEqualTo("\\n");
    assertThat(texts.line('\\')).isEqualTo("\\\\");
  }

  @Test
  void special_tokens_have_their_names() throws Exception {
    Tokenizer tokenizer = Tokenizers.learn("character(unknown=unk)", "abc");
    int unknown = tokenizer.encode("z")[0];
    assertThat(new TokenTexts(tokenizer).text(unknown))
        .isEqualTo(tokenizer.vocabulary().token(unknown))
        .isNotEmpty();
  }
}
