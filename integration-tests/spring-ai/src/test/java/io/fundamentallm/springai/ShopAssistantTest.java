package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.Shop;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.ShopAssistant;
import io.fundamentallm.fixtures.ShopConversation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The assistant of fine-tuning by example with two annotated methods, which it calls by itself. */
@Tag("long")
class ShopAssistantTest {
  @Test
  void it_looks_up_what_it_is_asked_for_and_answers_with_what_it_found() throws Exception {
    List<String> wrong = new ArrayList<>();
    try (TextGenerator generator = TextGenerator.load(ShopAssistant.directory())) {
      FundamentaLlmChatModel model = FundamentaLlmChatModel.of(generator);
      for (ShopConversation conversation : ShopAssistant.newConversations()) {
        String answer = answer(model, conversation);
        if (!answer.equals(conversation.answer())) {
          wrong.add(conversation.question() + " -> " + answer);
        }
      }
    }
    System.out.println("right: " + (100 - wrong.size()) + " of 100 through Spring AI");
    assertThat(wrong).hasSizeLessThanOrEqualTo(5);
  }

  /** What it says, or what went wrong. */
  private static String answer(FundamentaLlmChatModel model, ShopConversation conversation) {
    try {
      return today(conversation).answer(model, conversation.question());
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  /** Figures of the day, which no model can know: whoever names them has looked them up. */
  private static Shop today(ShopConversation conversation) {
    Map<String, Shop.Product> products = new HashMap<>();
    Map<String, Shop.Order> orders = new HashMap<>();
    for (ShopConversation.Lookup lookup : conversation.lookups()) {
      String asked = lookup.arguments().values().iterator().next();
      Map<String, String> found = lookup.result();
      if (lookup.tool().equals(ShopConversation.FIND_PRODUCT)) {
        products.put(asked, new Shop.Product(found.get("price"), found.get("stock")));
      } else {
        orders.put(asked, new Shop.Order(found.get("status"), found.get("day")));
      }
    }
    return new Shop(products, orders);
  }
}
