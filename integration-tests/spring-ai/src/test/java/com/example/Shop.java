package com.example;

import io.fundamentallm.springai.FundamentaLlmChatOptions;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.tool.annotation.Tool;

/** What a shop has today, for an assistant that looks it up. */
public class Shop {
  public record Product(String price, String stock) {}

  public record Order(String status, String day) {}

  private static final int ROUNDS = 2; // of calls, before the answer

  private final Map<String, Product> products;
  private final Map<String, Order> orders;

  public Shop(Map<String, Product> products, Map<String, Order> orders) {
    this.products = products;
    this.orders = orders;
  }

  @Tool(name = "find_product", description = "what a product costs and how many are left")
  public Product findProduct(String product) {
    return products.get(product);
  }

  @Tool(name = "order_status", description = "where an order is, and the day it comes")
  public Order orderStatus(String customer) {
    return orders.get(customer);
  }

  public String answer(ChatModel assistant, String question) {
    AtomicInteger rounds = new AtomicInteger();
    ToolCallingAdvisor bounded =
        ToolCallingAdvisor.builder()
            .toolExecutionEligibilityChecker(response -> isRound(response, rounds))
            .build();
    return ChatClient.create(assistant)
        .prompt(question)
        .options(FundamentaLlmChatOptions.builder().sampler("greedy"))
        .advisors(bounded)
        .tools(this)
        .call()
        .content();
  }

  private static boolean isRound(ChatResponse response, AtomicInteger rounds) {
    if (response.hasToolCalls() && rounds.incrementAndGet() > ROUNDS) {
      throw new IllegalStateException(
          "the assistant still calls tools after " + ROUNDS + " rounds");
    }
    return response.hasToolCalls();
  }
}
