package com.example;

import io.fundamentallm.springai.FundamentaLlmChatOptions;
import java.util.Map;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.tool.annotation.Tool;

/** What a shop has today, for an assistant that looks it up. */
public class Shop {
  public record Product(String price, String stock) {}

  public record Order(String status, String day) {}

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
    return ChatClient.create(assistant)
        .prompt(question)
        .options(FundamentaLlmChatOptions.builder().sampler("greedy"))
        .tools(this)
        .call()
        .content();
  }
}
