package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Samplers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;

class ChatOptionsTest {
  private static final FundamentaLlmChatOptions ALL =
      FundamentaLlmChatOptions.builder()
          .model("host")
          .frequencyPenalty(1.5)
          .maxTokens(3)
          .presencePenalty(-0.5)
          .stopSequences(List.of("end"))
          .temperature(0.7)
          .topK(40)
          .topP(1e-4)
          .seed(7L)
          .sampler("greedy")
          .decoder("sampling")
          .outputSchema("true")
          .toolChoice("required")
          .parallelToolCalls(false)
          .thinkingBudget(5)
          .templateArgument("enable_thinking", true)
          .build();

  @Test
  void penalties_come_first_and_cuts_last() {
    String stages = SamplerStages.of(ALL.mutate().sampler(null).build());

    assertThat(stages)
        .isEqualTo(
            "frequency-penalty=1.5,presence-penalty=-0.5,temperature=0.7,top-k=40,top-p=1.0E-4");
    assertThat(Samplers.parse(stages)).hasToString(stages);
  }

  @Test
  void what_options_leave_out_is_no_stage() {
    assertThat(SamplerStages.of(FundamentaLlmChatOptions.builder().temperature(0.0).build()))
        .isEqualTo("temperature=0.0");
    assertThat(SamplerStages.of(FundamentaLlmChatOptions.builder().maxTokens(3).build())).isEmpty();
  }

  @Test
  void changed_options_keep_the_rest() {
    assertThat(ALL.mutate().build()).isEqualTo(ALL).hasSameHashCodeAs(ALL);
    assertThat(FundamentaLlmChatOptions.from(ALL).build()).isEqualTo(ALL);
    assertThat(ALL.mutate().clone().build()).isEqualTo(ALL);
    assertThat(ALL.mutate().seed(8L).build()).isNotEqualTo(ALL);
    assertThat(ALL.mutate().outputSchema(null).build()).isNotEqualTo(ALL);
    assertThat(ALL.mutate().toolChoice("none").build()).isNotEqualTo(ALL);
    assertThat(ALL.mutate().parallelToolCalls(true).build()).isNotEqualTo(ALL);
    assertThat(ALL.mutate().thinkingBudget(null).build()).isNotEqualTo(ALL);
    assertThat(ALL.mutate().templateArgument("more", 1).build()).isNotEqualTo(ALL);
  }

  @Test
  void options_of_any_kind_are_laid_over_others() {
    FundamentaLlmChatOptions common =
        ALL.mutate().combineWith(ChatOptions.builder().temperature(0.1)).build();
    FundamentaLlmChatOptions schema =
        ALL.mutate().combineWith(StructuredOutputChatOptions.builder().outputSchema("{}")).build();
    FundamentaLlmChatOptions own =
        FundamentaLlmChatOptions.builder().combineWith(ALL.mutate()).build();

    assertThat(common).isEqualTo(ALL.mutate().temperature(0.1).sampler(null).build());
    assertThat(schema).isEqualTo(ALL.mutate().outputSchema("{}").build());
    assertThat(own).isEqualTo(ALL);
  }
}
