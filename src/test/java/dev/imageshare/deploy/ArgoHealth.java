package dev.imageshare.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;

/**
 * A health check of {@code deploy/gitops/argocd}, run as Argo CD runs it: the object is {@code obj}. It has less than there: Lua's
 * basic functions, and no library.
 *
 * @param status Healthy, Progressing, Degraded or Suspended
 */
public record ArgoHealth(String status, String message) {

    public static Path file(String kind) {
        return Path.of("deploy/gitops/argocd/resource_customizations/imageshare.dev", kind, "health.lua");
    }

    /** @param object as the API server gives it */
    public static ArgoHealth of(JsonNode object) throws IOException {
        var lua = new Globals();
        lua.load(new BaseLib());
        LoadState.install(lua);
        LuaC.install(lua);
        lua.set("obj", value(object));
        var health =
                lua.load(Files.readString(file(object.get("kind").asText()))).call();
        return new ArgoHealth(
                health.get("status").checkjstring(), health.get("message").checkjstring());
    }

    private static LuaValue value(JsonNode node) {
        if (node.isObject()) {
            var table = new LuaTable();
            node.properties().forEach(field -> table.set(field.getKey(), value(field.getValue())));
            return table;
        }
        if (node.isArray()) {
            var table = new LuaTable();
            for (var i = 0; i < node.size(); i++) {
                table.set(i + 1, value(node.get(i)));
            }
            return table;
        }
        return node.isTextual()
                ? LuaValue.valueOf(node.textValue())
                : node.isBoolean()
                        ? LuaValue.valueOf(node.booleanValue())
                        : node.isNumber() ? LuaValue.valueOf(node.doubleValue()) : LuaValue.NIL;
    }
}
