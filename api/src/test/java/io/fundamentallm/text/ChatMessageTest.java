package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatMessageTest {
  /** As {@code common_chat_msg::to_json_oaicompat} of llama.cpp's common/chat.cpp does. */
  @Test
  void parts_are_joined_by_line_breaks_as_llama_cpp_does() {
    assertThat(ChatMessage.joinParts(List.of())).isEmpty();
    assertThat(ChatMessage.joinParts(List.of("a"))).isEqualTo("a");
    assertThat(ChatMessage.joinParts(List.of("a", "b", "c"))).isEqualTo("a\nb\nc");
    assertThat(ChatMessage.joinParts(List.of("a\n", "", " b"))).isEqualTo("a\n\n\n b");
    assertThat(ChatMessage.joinParts(List.of("", "", "a", ""))).isEqualTo("a\n");
    assertThatNullPointerException()
        .isThrownBy(() -> ChatMessage.joinParts(Arrays.asList("a", null)))
        .withMessage("parts[1]");
  }
}
