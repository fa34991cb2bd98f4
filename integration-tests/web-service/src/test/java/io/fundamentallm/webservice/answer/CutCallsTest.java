package io.fundamentallm.webservice.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.script.AnswerMatrix;
import io.fundamentallm.fixtures.script.ScriptedChat;
import io.fundamentallm.fixtures.script.ScriptedChat.Kind;
import io.fundamentallm.fixtures.script.ScriptedChat.Template;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.json.JsonBodies;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is said of a call that something cut off, and of one before the cut. */
class CutCallsTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String CALL =
      "[[<tool_call>]]\n{\"name\": \"say\", \"arguments\": {\"text\": \"one, two\"}}\n"
          + "[[</tool_call>]]";

  @TempDir private Path folder;
  private TextGenerator generator;

  @BeforeEach
  void load() {
    generator = ScriptedChat.load(ScriptedChat.write(folder, Template.PLAIN, Kind.SPECIAL));
  }

  @AfterEach
  void close() {
    generator.close();
  }

  /** An answer in both forms. */
  private record Forms(JsonNode whole, List<JsonNode> events) {
    /** The last event that has this. */
    JsonNode last(String pointer) {
      JsonNode last = null;
      for (JsonNode event : events) {
        JsonNode its = event.at(pointer);
        last = its.isMissingNode() || its.isNull() ? last : its;
      }
      assertThat(last).as(pointer).isNotNull();
      return last;
    }

    /** All that events have of this, as one text. */
    String joined(String pointer) {
      StringBuilder all = new StringBuilder();
      events.forEach(event -> all.append(event.at(pointer).asString("")));
      return all.toString();
    }
  }

  private interface Formats {
    Format of(ServedModel model, AnswerPlan plan);
  }

  private Forms answer(UnaryOperator<TextGenerator> limits, Formats formats) {
    ChatPrompt prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("§T§A" + CALL + "§E")))
            .tools(List.of(new ChatTool("say", "says it", AnswerMatrix.SCHEMA)))
            .build();
    AnswerPlan plan =
        new AnswerPlan(
            List.of(AnswerPlan.Prompt.answered("", () -> new int[0], its -> its.chat(prompt))),
            false,
            limits.apply(generator),
            1,
            OptionalInt.empty(),
            true,
            false,
            null,
            OptionalInt.empty(),
            false,
            Map.of());
    ServedModel model = new ServedModel("scripted", generator, 0, "fp");
    try (Answer answer = new Answer(plan, Duration.ofMinutes(2), Runnable::run)) {
      Format stream = formats.of(model, plan);
      List<Piece> pieces = new ArrayList<>();
      List<byte[]> events = new ArrayList<>();
      for (Piece piece = answer.next(); piece != null; piece = answer.next()) {
        pieces.add(piece);
        events.addAll(stream.events(piece, answer));
      }
      events.addAll(stream.ending(answer));
      Object whole = formats.of(model, plan).complete(pieces, answer);
      return new Forms(
          JSON.readTree(JsonBodies.write(whole)),
          events.stream()
              .flatMap(event -> new String(event, UTF_8).lines())
              .filter(line -> line.startsWith("data: {"))
              .map(line -> JSON.readTree(line.substring("data: ".length())))
              .toList());
    }
  }

  private Forms stopped(Formats formats) {
    return answer(its -> its.withStops("two"), formats);
  }

  private static Format messages(ServedModel model, AnswerPlan plan) {
    return new MessagesFormat(model);
  }

  private static Format responses(ServedModel model, AnswerPlan plan) {
    return new ResponsesFormat(model, Map.of());
  }

  @Test
  void a_chat_that_a_stop_ends_within_a_call_does_not_end_with_calls() {
    Forms chat = stopped(ChatFormat::new);

    assertThat(chat.last("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    assertThat(chat.whole().at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void a_chat_that_ends_behind_a_call_ends_with_calls() {
    Forms chat = answer(its -> its.withMaxNewTokens(100), ChatFormat::new);

    assertThat(chat.last("/choices/0/finish_reason").stringValue()).isEqualTo("tool_calls");
    assertThat(chat.whole().at("/choices/0/finish_reason").stringValue()).isEqualTo("tool_calls");
  }

  @Test
  void an_answer_of_calls_alone_has_no_text_in_either_form() {
    for (int tokens : new int[] {34, 46, 100}) {
      Forms chat = answer(its -> its.withMaxNewTokens(tokens), ChatFormat::new);

      assertThat(chat.whole().at("/choices/0/message/content").isNull()).isTrue();
      assertThat(chat.events())
          .allMatch(event -> event.at("/choices/0/delta/content").isMissingNode());
    }
  }

  @Test
  void an_answer_that_was_cut_off_before_its_text_has_an_empty_one_in_both_forms() {
    Forms chat = answer(its -> its.withMaxNewTokens(3), ChatFormat::new);

    assertThat(chat.whole().at("/choices/0/message/content").stringValue()).isEmpty();
    assertThat(chat.last("/choices/0/delta/content").stringValue()).isEmpty();
  }

  @Test
  void a_message_that_a_stop_ends_within_a_call_does_not_ask_for_its_result() {
    Forms message = stopped(CutCallsTest::messages);

    assertThat(message.last("/delta/stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(message.whole().at("/stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(message.whole().at("/stop_sequence").stringValue()).isEqualTo("two");
  }

  @Test
  void a_whole_chat_has_of_a_call_that_was_cut_off_what_the_stream_has() {
    for (int tokens : new int[] {34, 40, 46, 50}) {
      Forms chat = answer(its -> its.withMaxNewTokens(tokens), ChatFormat::new);
      String streamed = chat.joined("/choices/0/delta/tool_calls/0/function/arguments");

      JsonNode call = chat.whole().at("/choices/0/message/tool_calls/0");
      assertThat(call.at("/function/name").stringValue()).isEqualTo("say");
      assertThat(call.at("/function/arguments").stringValue()).isEqualTo(streamed);
      assertThat(chat.whole().at("/choices/0/finish_reason"))
          .isEqualTo(chat.last("/choices/0/finish_reason"));
    }
  }

  @Test
  void a_call_that_is_whole_is_complete_though_its_response_is_not() {
    int whole = 0;
    for (int tokens = 34; tokens < 60; tokens++) {
      int most = tokens;
      Forms response = answer(its -> its.withMaxNewTokens(most), CutCallsTest::responses);
      List<String> done = new ArrayList<>();
      for (JsonNode event : response.events()) {
        if (event.get("type").stringValue().equals("response.output_item.done")) {
          done.add(event.at("/item/status").stringValue());
        }
      }

      List<String> end = new ArrayList<>();
      response.last("/response/output").forEach(its -> end.add(its.get("status").stringValue()));
      assertThat(end).as(tokens + " tokens").isEqualTo(done);
      List<String> atOnce = new ArrayList<>();
      response.whole().get("output").forEach(its -> atOnce.add(its.get("status").stringValue()));
      assertThat(atOnce).as(tokens + " tokens").isEqualTo(done);
      boolean cut = response.whole().get("status").stringValue().equals("incomplete");
      whole += cut && done.equals(List.of("completed")) ? 1 : 0;
    }
    assertThat(whole).isPositive();
  }
}
