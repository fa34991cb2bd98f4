package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thinking has as many tokens as it may have, whether its markers are tokens or text. */
class ThinkingBudgetTest {
  private static final MarkedPieces BEGUN =
      new MarkedPieces(
          List.of("</s>", "<think>", "</think>"), MarkedPieces.template("<think>\n", true));
  private static final MarkedPieces BEGUN_AS_TEXT =
      new MarkedPieces(List.of("</s>"), MarkedPieces.template("<think>\n", true));
  private static final MarkedPieces ALLOWED =
      new MarkedPieces(List.of("</s>", "<think>", "</think>"), MarkedPieces.template("", true));

  private static TextGenerator generator(MarkedPieces tokenizer, ToyModel.Scores scores) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(tokenizer.vocabulary().size(), 2048)
                .endTokens(Set.of(tokenizer.end()))
                .build(),
            scores);
    return TextGenerator.of(tokenizer, model)
        .withSampler("temperature=2")
        .withSeed(1)
        .withMaxNewTokens(60);
  }

  /** Never closes its thinking by itself. */
  private static ToyModel.Scores endless() {
    return (tokens, length, row) -> {
      ToyModel.hashing().score(tokens, length, row);
      row['<'] = -100;
      for (int id = 256; id < row.length; id++) {
        row[id] = -100;
      }
    };
  }

  private static ChatPrompt.Builder prompt() {
    return ChatPrompt.builder(List.of(ChatMessage.user("?")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 30})
  void thinking_ends_after_exactly_so_many_tokens(int budget) {
    for (MarkedPieces tokenizer : List.of(BEGUN, BEGUN_AS_TEXT)) {
      ChatAnswer answer =
          generator(tokenizer, endless()).chat(prompt().thinkingBudget(budget).build());
      List<Integer> tokens = new ArrayList<>();
      Generation generation = answer.generation();
      generation.forEachRemaining(token -> tokens.add(token.id()));
      List<Integer> close = new ArrayList<>();
      for (int token : tokenizer.encode("</think>", SpecialTokens.all())) {
        close.add(token);
      }
      assertThat(tokens.subList(budget, budget + close.size())).isEqualTo(close);
      assertThat(tokenizer.written(tokens.subList(0, budget))).doesNotContain("</think>");
      assertThat(tokens).hasSize(60); // and then it answers
    }
  }

  @Test
  void thinking_that_ends_earlier_is_left_alone() {
    int[] script = BEGUN.encode("abc</think>Yes.</s>", SpecialTokens.all());
    int first = BEGUN.encode("user: ?\nassistant: <think>\n", SpecialTokens.all()).length;
    ChatMessage message =
        generator(BEGUN, ToyModel.scripted(first, script))
            .chat(prompt().thinkingBudget(7).build())
            .message();
    assertThat(message).isEqualTo(ChatMessage.assistant("Yes.").withThinking("abc"));
  }

  @Test
  void thinking_that_the_model_opens_is_counted_too() {
    int think = ALLOWED.encode("<think>", SpecialTokens.all())[0];
    int first = ALLOWED.encode("user: ?\nassistant: ").length;
    ToyModel.Scores endless = endless();
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          endless.score(tokens, length, row);
          row[think] = length == first ? 100 : -100;
        };
    List<Integer> tokens = new ArrayList<>();
    generator(ALLOWED, scores)
        .chat(prompt().thinkingBudget(5).build())
        .generation()
        .forEachRemaining(token -> tokens.add(token.id()));
    assertThat(tokens.indexOf(think)).isZero();
    assertThat(tokens.indexOf(think + 1)).isEqualTo(6);
  }

  @Test
  void without_a_budget_for_it_thinking_never_begins() {
    int think = ALLOWED.encode("<think>", SpecialTokens.all())[0];
    ToyModel.Scores eager =
        (tokens, length, row) -> {
          ToyModel.hashing().score(tokens, length, row);
          row[think] = 100;
        };
    ChatAnswer answer = generator(ALLOWED, eager).chat(prompt().thinkingBudget(0).build());
    answer.generation().forEachRemaining(token -> assertThat(token.id()).isNotEqualTo(think));
  }

  @Test
  void a_required_call_comes_right_behind_the_thinking() {
    ChatPrompt prompt =
        prompt()
            .tools(
                List.of(new ChatTool("add", "", "{\"properties\":{\"a\":{\"type\":\"boolean\"}}}")))
            .toolChoice(ToolChoice.required())
            .thinkingBudget(4)
            .build();
    ChatMessage message = generator(BEGUN, endless()).chat(prompt).message();
    assertThat(message.toolCalls()).hasSize(1);
    assertThat(message.toolCalls().get(0).name()).isEqualTo("add");
    assertThat(message.thinking()).isNotEmpty();
  }

  @Test
  void a_fork_and_a_rollback_keep_the_count() {
    var recipe =
        Samplers.constraint(
            "chat-answer=\"{\\\"notation\\\":\\\"hermes\\\",\\\"thinking\\\":\\\"begun\\\",\\\"thinking_budget\\\":2}\"");
    var constraint =
        recipe.bind(
            io.fundamentallm.decoding.Binding.of(
                ToyModel.info(BEGUN.vocabulary().size(), 64).build(), BEGUN));
    int close = BEGUN.encode("</think>", SpecialTokens.all())[0];
    constraint.accept('a');
    var fork = constraint.fork();
    constraint.accept('b');
    assertThat(constraint.forced()).isEqualTo(close);
    assertThatThrownBy(() -> constraint.accept('c')).hasMessageContaining("budget of 2 is spent");
    constraint.rollback(1);
    assertThat(constraint.forced()).isNegative();
    fork.accept('c');
    fork.accept(close);
    fork.accept('d');
    assertThat(fork.forced()).isNegative();
  }

  @Test
  void a_notation_that_is_unknown_is_refused_with_the_names() {
    assertThatThrownBy(
            () -> Samplers.constraint("chat-answer=\"{\\\"notation\\\":\\\"klingon\\\"}\""))
        .hasMessageContaining("klingon");
    assertThatThrownBy(() -> ChatNotation.named("klingon")).hasMessageContaining("hermes");
  }
}
