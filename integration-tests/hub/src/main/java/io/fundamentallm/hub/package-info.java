/**
 * Downloads of models from the Hugging Face hub: {@link io.fundamentallm.hub.ModelHub} is all that
 * applications call.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.hub;
