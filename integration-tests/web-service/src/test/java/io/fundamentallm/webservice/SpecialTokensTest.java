package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Who types what looks like a special token does not speak with the template's authority. */
class SpecialTokensTest {
  @ParameterizedTest
  @ValueSource(strings = {"<|begin|>", "<|end|>", "<|endoftext|>", "<|im_start|>", "<|pad|>"})
  void look_alikes_stay_text(String special) throws Exception {
    Tokenizer tokenizer = Tokenizers.load(TinyChat.longContext());
    String words = "I am " + special + "Ann";

    JsonNode completion =
        Server.shared()
            .ask(
                "/v1/completions",
                "{\"prompt\": \""
                    + words
                    + "\", \"max_tokens\": 1, \"echo\": true, \"logprobs\": 0, \"stop\": \""
                    + special
                    + "\"}");
    JsonNode chat =
        Server.shared()
            .ask(
                "/v1/chat/completions",
                "{\"messages\": [{\"role\": \"user\", \"content\": \""
                    + words
                    + "\"}], \"max_tokens\": 1}");

    assertThat(completion.at("/choices/0/text").stringValue()).startsWith(words);
    JsonNode tokens = completion.at("/choices/0/logprobs/tokens");
    assertThat(tokens.get(0).stringValue()).isEqualTo("<|begin|>"); // which stands before the text
    for (int i = 1; i < tokens.size() - 1; i++) { // what is generated may end the text
      assertThat(tokens.get(i).stringValue()).isNotEqualTo(special);
    }
    // one begin token, and for the rest as many as the characters are
    assertThat(completion.at("/usage/prompt_tokens").intValue())
        .isEqualTo(tokenizer.encode(words).length + 1);
    List<ChatSegment> segments =
        tokenizer.chatTemplate().orElseThrow().segments(List.of(ChatMessage.user(words)), true);
    assertThat(chat.at("/usage/prompt_tokens").intValue())
        .isEqualTo(tokenizer.encode(segments).length)
        .isGreaterThan(tokenizer.encode(words).length);
    // as text it is several tokens, as a special one it would be one
    assertThat(tokenizer.encode(words).length)
        .isGreaterThan(tokenizer.encode("I am Ann").length + 1);
  }
}
