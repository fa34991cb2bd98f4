package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.UserMessage;
import io.fundamentallm.TextGenerator;
import org.junit.jupiter.api.Test;

class AiServiceTest {
  interface Host {
    String chat(@MemoryId int guest, @UserMessage String words);
  }

  @Test
  void x() throws Exception {
    long t = System.nanoTime();
    try (TextGenerator generator = TinyChat.load()) {
      System.out.println("TRAINED " + (System.nanoTime() - t) / 1e9);
      Host host =
          AiServices.builder(Host.class)
              .chatModel(FundamentaLlmChatModel.of(generator))
              .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
              .build();
      for (int i = 0; i < 3; i++) {
        System.out.println("A " + host.chat(i, "I am " + new String[] {"Ann", "Bob", "Eve"}[i]));
      }
      for (int i = 0; i < 3; i++) {
        System.out.println("B " + host.chat(i, "who am I"));
      }
    }
  }
}
