package io.fundamentallm.internal.directory;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocabularyFitTest {
  @ParameterizedTest
  @CsvSource({
    "Qwen2.5-7B, 151665, 152064",
    "Qwen3-8B, 151669, 151936",
    "Phi-2, 50295, 51200",
    "Phi-3-mini, 32011, 32064",
    "gemma-3 with images, 262145, 262208",
    "pythia-70m, 50277, 50304",
    "gpt-oss, 200019, 201088",
    "deepseek-llm-7b, 100015, 102400",
    "DeepSeek-V3, 128815, 129280",
    "Command R, 255029, 256000",
    "OLMo-2, 100278, 100352",
    "T5, 32100, 32128",
    "characters in a multiple of 256, 65, 256",
    "the most below a multiple of 256, 257, 512",
    "equal, 32000, 32000"
  })
  void what_publishers_leave_free_is_taken(String model, int ids, int logits) {
    assertThatCode(() -> VocabularyFit.require(ids, logits)).as(model).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"420, 1024", "32000, 128256", "128256, 151936", "50257, 256000", "257, 514"})
  void the_tokenizer_of_a_smaller_model_is_refused(int ids, int logits) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VocabularyFit.require(ids, logits))
        .withMessageContaining("only " + ids + " ids but the model " + logits + " logits")
        .withMessageContaining("so " + (logits - ids) + " of its tokens have no text");
  }

  @Test
  void one_id_too_many_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VocabularyFit.require(258, 257))
        .withMessageContaining("258 ids but the model only 257 logits");
  }
}
