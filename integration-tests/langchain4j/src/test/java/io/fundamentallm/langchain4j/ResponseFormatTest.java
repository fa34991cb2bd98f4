package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseFormatTest {
  /** Of one document, but for white space. */
  private static final JsonSchemaElement PLACE =
      JsonObjectSchema.builder()
          .addProperty("row", JsonEnumSchema.builder().enumValues("the \"\\\"\t\n row").build())
          .addBooleanProperty("free", "whether\nit is \"free\"")
          .required("row", "free")
          .build();

  private static final String JSON =
      "\\s*\\{\\s*\"row\"\\s*:\\s*\"the \\\\\"\\\\\\\\\\\\\"\\\\t\\\\n row\"\\s*,\\s*\"free\"\\s*:\\s*(true|false)\\s*}";

  @AutoClose private final TextGenerator generator = TinyChat.load();

  @ParameterizedTest
  @ValueSource(strings = {"sampling", "sampling(n=2)", "speculative", "beam(width=2)"})
  void an_answer_follows_the_schema_under_any_decoder(String decoder) {
    assertThat(answer(generator.withDecoder(decoder), format(PLACE))).matches(JSON);
  }

  @Test
  void stop_strings_of_the_generator_do_not_cut_json() {
    ResponseFormat one = format(JsonRawSchema.from("{\"const\": \"I am one\"}"));

    assertThat(answer(generator.withStops("am"), one)).isEqualTo("\"I am one\"");
  }

  @Test
  void the_generators_sampler_chooses_among_what_fits() {
    ResponseFormat flag = format(JsonRawSchema.from("{\"enum\": [\"xyz\", \"zyx\"]}"));
    TextGenerator other = generator.withSampler("logit-bias=\"'z':-100\",greedy");

    assertThat(answer(generator.withSampler("logit-bias=\"'x':-100\",greedy"), flag))
        .isEqualTo("\"zyx\"");
    assertThat(answer(other, flag)).isEqualTo("\"xyz\"");
  }

  @Test
  void json_without_a_schema_is_any_object() {
    ChatRequest request =
        request(
            ChatRequestParameters.builder()
                .responseFormat(ResponseFormat.JSON)
                .temperature(0.0)
                .maxOutputTokens(1)
                .build());

    assertThat(FundamentaLlmChatModel.of(generator).chat(request).aiMessage().text())
        .startsWith("{"); // not the "hello" that it would say
  }

  @Test
  void a_schema_that_cannot_be_followed_is_refused_with_its_place() {
    ResponseFormat format = format(JsonRawSchema.from("{\"not\": {\"type\": \"null\"}}"));

    assertThatThrownBy(() -> answer(generator, format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not");
  }

  private static ResponseFormat format(JsonSchemaElement root) {
    return ResponseFormat.builder()
        .type(dev.langchain4j.model.chat.request.ResponseFormatType.JSON)
        .jsonSchema(JsonSchema.builder().name("place").rootElement(root).build())
        .build();
  }

  private static String answer(TextGenerator generator, ResponseFormat format) {
    ChatRequest request = request(ChatRequestParameters.builder().responseFormat(format).build());
    return FundamentaLlmChatModel.of(generator).chat(request).aiMessage().text();
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(UserMessage.from("I am Ann"))
        .parameters(parameters)
        .build();
  }
}
