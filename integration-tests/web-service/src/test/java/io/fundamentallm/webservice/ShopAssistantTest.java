package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.ShopAssistant;
import io.fundamentallm.fixtures.ShopConversation;
import io.fundamentallm.fixtures.ShopConversation.Lookup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The assistant of fine-tuning by example with Vercel's ai, whose tools it calls by itself: {@code
 * mvn -Plong,oracles verify}.
 */
@Tag("long")
@Tag("clients")
class ShopAssistantTest {
  @Test
  void it_looks_up_what_it_is_asked_for_and_answers_with_what_it_found() throws Exception {
    List<ShopConversation> conversations = ShopAssistant.newConversations();
    List<String> lines;
    try (Server server =
        Server.start(ShopAssistant.directory(), "--fundamentallm.model-name=shop")) {
      String questions =
          String.join("\n", conversations.stream().map(ShopAssistantTest::asked).toList());
      lines = NodeClients.run("shop.mjs", server, questions);
    }
    assertThat(lines).hasSameSizeAs(conversations);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      JsonNode answer = Server.json(lines.get(i));
      ShopConversation expected = conversations.get(i);
      List<String> calls = answer.get("calls").valueStream().map(JsonNode::stringValue).toList();
      if (!answer.get("text").stringValue().equals(expected.answer())
          || !calls.equals(expected.lookups().stream().map(Lookup::tool).toList())) {
        wrong.add(expected.question() + " -> " + answer);
      }
    }
    System.out.println("right: " + (100 - wrong.size()) + " of 100 through Vercel's ai");
    assertThat(wrong).hasSizeLessThanOrEqualTo(5);
  }

  /** The question, and figures of the day, which no model can know. */
  private static String asked(ShopConversation conversation) {
    Map<String, Object> products = new HashMap<>();
    Map<String, Object> orders = new HashMap<>();
    for (Lookup lookup : conversation.lookups()) {
      boolean product = lookup.tool().equals(ShopConversation.FIND_PRODUCT);
      (product ? products : orders)
          .put(lookup.arguments().values().iterator().next(), lookup.result());
    }
    return new JsonMapper()
        .writeValueAsString(
            Map.of("question", conversation.question(), "products", products, "orders", orders));
  }
}
