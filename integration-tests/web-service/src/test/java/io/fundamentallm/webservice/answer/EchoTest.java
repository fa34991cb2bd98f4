package io.fundamentallm.webservice.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.json.JsonBodies;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is reported about the tokens of a prompt that is repeated. */
class EchoTest {
  @Test
  void offsets_lead_to_the_tokens_behind_special_ones() throws Exception {
    try (TextGenerator generator = TextGenerator.load(TinyChat.longContext(), "cpu(threads=1)")) {
      int begin = generator.tokenizer().vocabulary().bos().orElseThrow();
      int[] prompt =
          IntStream.concat(
                  IntStream.of(begin, begin),
                  IntStream.of(generator.tokenizer().encode("user\nI am Ann")))
              .toArray();
      String text = generator.tokenizer().decode(prompt);
      AnswerPlan plan =
          new AnswerPlan(
              List.of(AnswerPlan.Prompt.continued(text, prompt)),
              true,
              generator.withSampler("greedy").withMaxNewTokens(5),
              1,
              OptionalInt.of(0),
              false,
              false,
              null,
              OptionalInt.empty(),
              false,
              Map.of());
      JsonNode choice = choice(generator, plan);

      String whole = choice.get("text").stringValue();
      assertThat(whole).startsWith(text).startsWith("<|begin|><|begin|>user");
      JsonNode tokens = choice.at("/logprobs/tokens");
      JsonNode offsets = choice.at("/logprobs/text_offset");
      assertThat(tokens.size()).isGreaterThan(prompt.length);
      for (int i = 0; i < tokens.size(); i++) {
        assertThat(whole.substring(offsets.get(i).intValue()))
            .startsWith(tokens.get(i).stringValue());
      }
      StringBuilder joined = new StringBuilder();
      tokens.forEach(token -> joined.append(token.stringValue()));
      assertThat(whole).isEqualTo(joined.toString());
    }
  }

  private static JsonNode choice(TextGenerator generator, AnswerPlan plan) {
    ServedModel model = new ServedModel("tiny", generator, 0, "fp");
    try (Answer answer = new Answer(plan, Duration.ofMinutes(2), Runnable::run)) {
      List<Piece> pieces = new ArrayList<>();
      for (Piece piece = answer.next(); piece != null; piece = answer.next()) {
        pieces.add(piece);
      }
      Object whole = new CompletionFormat(model, plan).complete(pieces, answer);
      return new JsonMapper().readTree(JsonBodies.write(whole)).at("/choices/0");
    }
  }
}
