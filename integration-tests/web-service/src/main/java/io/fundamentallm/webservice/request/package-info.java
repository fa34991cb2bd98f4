/** Request bodies as plans for answers. */
@NullMarked
package io.fundamentallm.webservice.request;

import org.jspecify.annotations.NullMarked;
