package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What specs write: numbers in decimal notation, and tokens. */
class NotationTest {
  @Test
  void what_only_java_takes_for_a_number_is_refused() {
    for (String number : List.of("1d", "1f", "0x1p-1", "NaN", "Infinity")) {
      for (String spec : List.of("top-p=", "top-k=", "temperature=", "logit-bias=1:")) {
        assertThatIllegalArgumentException()
            .as(spec + number)
            .isThrownBy(() -> Samplers.parse(spec + number))
            .withMessageContaining(number + "\" is not ");
      }
    }
    Samplers.parse("top-p=.5,logit-bias=1:-2.5e1;2:+3;3:-inf");
  }

  @Test
  void a_text_that_looks_like_a_special_token_is_told_how_to_name_it() {
    Tokenizer tokenizer = new ByteTokenizer(List.of("<s>", "</s>"));
    int end = tokenizer.vocabulary().eos().orElseThrow();
    String form = tokenizer.vocabulary().token(end);
    ModelInfo model = ModelInfo.builder("test", tokenizer.vocabulary().size(), 64).build();
    Binding binding = Binding.of(model, tokenizer);
    for (String spec : List.of("suppressed-tokens=\"'%s'\"", "logit-bias=\"'%s':-100\"")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Samplers.parse(spec.formatted(form)).bind(binding))
          .withMessageEndingWith(
              "tokens, expected one; a text is no special token: for that one write its id, "
                  + end);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("suppressed-tokens=\"'ab'\"").bind(binding))
        .withMessageEndingWith("is 2 tokens, expected one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("suppressed-tokens=1+2").bind(binding))
        .withMessageEndingWith("is 2 tokens, expected one");
  }
}
