package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.fixtures.ShopAssistant;
import io.fundamentallm.fixtures.ShopConversation;
import io.fundamentallm.fixtures.ShopConversation.Lookup;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole way of fine-tuning by example: a book, conversations, an assistant. */
@Tag("long")
class ShopAssistantTest {
  private static final List<ChatTool> TOOLS =
      List.of(
          new ChatTool(
              ShopConversation.FIND_PRODUCT,
              "what a product costs and how many are left",
              "{\"type\": \"object\", \"properties\": {\"product\": {\"type\": \"string\"}},"
                  + " \"required\": [\"product\"], \"additionalProperties\": false}"),
          new ChatTool(
              ShopConversation.ORDER_STATUS,
              "where an order is, and the day it comes",
              "{\"type\": \"object\", \"properties\": {\"customer\": {\"type\": \"string\"}},"
                  + " \"required\": [\"customer\"], \"additionalProperties\": false}"));

  private static TextGenerator assistant;

  @BeforeAll
  static void train() throws IOException {
    assistant =
        TextGenerator.load(ShopAssistant.directory()).withSampler("greedy").withMaxNewTokens(120);
  }

  @AfterAll
  static void close() {
    assistant.close();
  }

  @Test
  void ninety_five_of_a_hundred_new_questions_are_answered_right_in_json() {
    List<String> wrong = new ArrayList<>();
    for (ShopConversation asked : ShopAssistant.newQuestions()) {
      String answer = answer(ChatPrompt.of(List.of(ChatMessage.user(asked.question())))).content();
      if (!isSame(answer, asked.answer())) {
        wrong.add(asked.question() + " -> " + answer);
      }
    }
    System.out.println("right: " + (100 - wrong.size()) + " of 100 in JSON");
    assertThat(wrong).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void with_tools_ninety_five_of_a_hundred_are_looked_up_and_answered_right() {
    List<String> wrong = new ArrayList<>();
    for (ShopConversation asked : ShopAssistant.newConversations()) {
      List<ChatMessage> messages = new ArrayList<>(List.of(ChatMessage.user(asked.question())));
      ChatMessage answer = answer(ChatPrompt.builder(messages).tools(TOOLS).build());
      List<ChatToolCall> calls = answer.toolCalls();
      if (!calls.isEmpty() && isSame(calls, asked.lookups())) {
        messages.add(answer);
        for (int i = 0; i < calls.size(); i++) {
          String result = JsonWriter.compact(asked.lookups().get(i).result());
          messages.add(ChatMessage.tool(calls.get(i), result));
        }
        answer = answer(ChatPrompt.builder(messages).tools(TOOLS).build());
      }
      if (!answer.content().equals(asked.answer())) {
        wrong.add(asked.question() + " -> " + calls + answer);
      }
    }
    System.out.println("right: " + (100 - wrong.size()) + " of 100 with tools");
    assertThat(wrong).hasSizeLessThanOrEqualTo(5);
  }

  private static ChatMessage answer(ChatPrompt prompt) {
    try (ChatAnswer answer = assistant.chat(prompt)) {
      return answer.message();
    }
  }

  private static boolean isSame(String answer, String expected) {
    try {
      return Json.object(answer).equals(Json.object(expected));
    } catch (IllegalArgumentException e) {
      return false; // no valid JSON
    }
  }

  private static boolean isSame(List<ChatToolCall> calls, List<Lookup> expected) {
    return calls.stream()
        .map(call -> call.name() + Json.object(call.arguments()))
        .toList()
        .equals(
            expected.stream()
                .map(lookup -> lookup.tool() + Json.object(JsonWriter.compact(lookup.arguments())))
                .toList());
  }
}
