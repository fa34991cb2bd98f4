package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.fundamentallm.Samplers;
import org.junit.jupiter.api.Test;

class SamplerStagesTest {
  @Test
  void penalties_come_first_and_cuts_last() {
    String stages =
        SamplerStages.of(
            ChatRequestParameters.builder()
                .topP(1e-4)
                .topK(40)
                .temperature(0.7)
                .presencePenalty(-0.5)
                .frequencyPenalty(1.5)
                .build());

    assertThat(stages)
        .isEqualTo(
            "frequency-penalty=1.5,presence-penalty=-0.5,temperature=0.7,top-k=40,top-p=1.0E-4");
    assertThat(Samplers.parse(stages)).hasToString(stages);
  }

  @Test
  void what_a_request_leaves_out_is_no_stage() {
    assertThat(SamplerStages.of(ChatRequestParameters.builder().temperature(0.0).build()))
        .isEqualTo("temperature=0.0");
    assertThat(SamplerStages.of(ChatRequestParameters.builder().maxOutputTokens(3).build()))
        .isEmpty();
  }
}
