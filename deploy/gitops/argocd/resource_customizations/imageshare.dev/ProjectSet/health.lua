-- Argo CD's health of this kind, by its conditions: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
local health = {status = "Progressing", message = "Not reconciled yet"}
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  health.message = "The last change has not been reconciled yet"
  return health
end
local ready, stalled
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Ready" then
    ready = condition
  elseif condition.type == "Stalled" and condition.status == "True" then
    stalled = condition
  end
end
if ready == nil then
  return health
end
health.message = ready.reason .. ": " .. ready.message
if ready.reason == "Suspended" or ready.reason == "DeletionSuspended" then
  health.status = "Suspended" -- on purpose, by spec.suspend
elseif ready.status == "True" then
  health.status = "Healthy"
elseif stalled == nil then
  health.status = "Progressing" -- the operator retries
elseif ready.reason == "RemovalHeld" or ready.reason == "ClaimUnproven" or ready.reason == "AwaitingApproval" then
  health.status = "Suspended" -- waits for approval; nothing is wrong
else
  health.status = "Degraded"
end
return health
