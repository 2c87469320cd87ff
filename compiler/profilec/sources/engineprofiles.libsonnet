// Registries, profiles, stacks and families of profiles, for programs that profilec evaluates:
//
//     local ep = import 'engineprofiles.libsonnet';
//
// docs/jsonnet.md has the examples. Texts are joined by `+`: `%` is slow in the C++ engine.

local text(value) = if std.isString(value) then '`' + value + '`' else 'a value of type ' + std.type(value);
local listed(values) = std.join(', ', ['`' + value + '`' for value in values]);
local list(value) = if std.isArray(value) then value else [value];

local profile_fields = {
  [key]: true
  for key in ['display_name', 'description', 'stack', 'inference_settings', 'extensions', 'metadata', 'slug']
};

// A profile, or the reason why a value is none.
local checked(value, where) =
  if !std.isObject(value) then error where + ' is ' + text(value) + ', where a profile is wanted'
  else
    local unknown = [key for key in std.objectFields(value) if !std.objectHas(profile_fields, key)];
    if std.length(unknown) == 0 then value
    else error where + ' has the key ' + listed(unknown) + ', which no profile has: '
               + 'settings stand below `inference_settings`, or in `ep.profile(settings={…})`';

// `changes` over `base`, by the rules that layers merge by: mappings key by key, everything else replaces.
local overlaid(base, changes, path) =
  if std.isObject(base) && std.isObject(changes) && path != '/inference_settings/model_info/cost' then
    base + {
      [key]: if std.objectHas(base, key) then overlaid(base[key], changes[key], path + '/' + key) else changes[key]
      for key in std.objectFields(changes)
    }
  else changes;

local merged(parts) =
  std.foldl(
    function(below, part)
      if std.isObject(part) then overlaid(below, part, '/inference_settings')
      else error 'ep.profile: `settings` holds ' + text(part) + ', where an object, or a list of objects, is wanted',
    list(parts),
    {}
  );

local is_name(name) =
  std.isString(name) && name != '' && !std.member('0123456789', name[0])
  && std.all([std.member('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_', c)
              for c in std.stringChars(name)]);

// Objects of profiles as one. Names are compared as they are written; profilec compares slugs.
local joined(where, parts) =
  local objects = [
    if std.isObject(part) then part
    else error where + ': the profiles hold ' + text(part) + ', where an object of profiles by name is wanted'
    for part in list(parts)
  ];
  local names = std.flatMap(std.objectFields, objects);
  // Sorting is slow in the C++ engine, and so are fields of many objects that were added up.
  if std.length(std.foldl(function(all, part) all + part, objects, {})) == std.length(names)
  then { [name]: part[name] for part in objects for name in std.objectFields(part) }
  else error where + ': two of the objects of profiles have '
             + listed([name for name in std.set(names) if std.count(names, name) > 1]);

{
  local ep = self,

  // A registry. `profiles` is an object, profiles by name, or a list of such objects, families for example.
  registry(slug, profiles, display_name=null, description=null, metadata=null)::
    if !std.isString(slug) then error 'ep.registry: `slug` is ' + text(slug) + ', where a text is wanted'
    else
      local where = 'ep.registry(\'' + slug + '\')';
      local all = joined(where, profiles);
      // Checked here, so that the error is at the call.
      assert std.all([
        std.isObject(checked(all[name], where + ': the profile `' + name + '`'))
        for name in std.objectFields(all)
      ]);
      {
        slug: slug,
        [if display_name != null then 'display_name']: display_name,
        [if description != null then 'description']: description,
        [if metadata != null then 'metadata']: metadata,
        profiles: all,
      },

  // A profile: `settings` are the inference settings, or a list of which later ones lie over earlier ones;
  // `stack` is what it stacks on, one or a list, from base to leaf, each as `ep.on` takes it.
  profile(settings=null, stack=null, display_name=null, description=null, extensions=null, metadata=null)::
    // Fields are evaluated anew each time that they are read, locals once.
    local inference_settings = merged(settings);
    local entries = std.map(ep.on, list(stack));
    assert settings == null || std.isObject(inference_settings);
    {
      [if display_name != null then 'display_name']: display_name,
      [if description != null then 'description']: description,
      [if stack != null then 'stack']: entries,
      [if settings != null then 'inference_settings']: inference_settings,
      [if extensions != null then 'extensions']: extensions,
      [if metadata != null then 'metadata']: metadata,
    },

  // An entry of a stack: 'profile' of the same registry, or 'registry/profile'.
  on(name)::
    if std.isObject(name) && std.objectHas(name, 'profile_slug') then name
    else if !std.isString(name) then error 'ep.on: ' + text(name) + ' stands where \'registry/profile\' is wanted'
    else
      local parts = std.split(name, '/');
      if std.length(parts) > 2 || std.member(parts, '') then
        error 'ep.on: ' + text(name) + ' is neither \'profile\' nor \'registry/profile\''
      else if std.length(parts) == 1 then { profile_slug: name }
      else { registry_slug: parts[0], profile_slug: parts[1] },

  // `changes` over a profile, by the rules that layers merge by. A null takes a setting away.
  overlay(profile, changes)::
    overlaid(checked(profile, 'ep.overlay: the profile'), checked(changes, 'ep.overlay: what lies over it'), ''),

  // Profiles by name, all over one base. `base` is a profile; or the name of one, which they stack on; or a function
  // from a variant's name to either. `variants` is an object, changes by name; or a list of such objects, of which
  // every combination is made, its names joined by `separator`. An empty name adds nothing to the name.
  family(base, variants, separator='-')::
    local below(made) =
      if std.isString(made) || (std.isObject(made) && std.objectHas(made, 'profile_slug'))
      then ep.profile(stack=made) else checked(made, 'ep.family: the base');
    local fixed = below(base);
    // Pairs in lists: the engine evaluates a field anew each time that it is read.
    local dimension(changes_by_name) =
      if !std.isObject(changes_by_name) then
        error 'ep.family: the variants hold ' + text(changes_by_name) + ', where an object of changes by name is wanted'
      else std.map(
        function(name) [name, [checked(changes_by_name[name], 'ep.family: the variant `' + name + '`')]],
        std.objectFields(changes_by_name)
      );
    local combined = std.foldl(
      function(all, pairs) [
        [each[0] + (if each[0] == '' || pair[0] == '' then '' else separator) + pair[0], each[1] + pair[1]]
        for each in all
        for pair in pairs
      ],
      std.map(dimension, list(variants)),
      [['', []]]
    );
    {
      [if each[0] == '' then error 'ep.family: a variant has no name' else each[0]]: std.foldl(
        function(profile, changes) overlaid(profile, changes, ''),
        each[1],
        if std.isFunction(base) then below(base(each[0])) else fixed
      )
      for each in combined
    },

  // Parts of settings, to be given to `ep.profile` one by one or in a list.
  settings:: {
    // One field by its path: ep.settings.set('chat.temperature', 0.2). A list of keys where a key has a dot.
    set(path, value)::
      std.foldr(
        function(key, inner) { [key]: inner },
        if std.isString(path) then std.split(path, '.') else path,
        value
      ),
    // Who is asked, and for which model.
    model(api_type, engine):: { chat: { api_type: api_type, engine: engine } },
    // The credential of a kind of API, as `ep.env` or `ep.file` refers to it.
    credential(api_type, reference)::
      if std.isString(reference) && std.startsWith(reference, '${')
      then { api: { api_keys: { [api_type + '-api-key']: reference } } }
      // What was written may be the credential itself.
      else error '`ep.settings.credential` is given no reference for `' + api_type + '`; '
                 + 'write `ep.env(\'NAME\')` or `ep.file(\'PATH\')`',
    // The address of a kind of API.
    base_url(api_type, url):: { api: { base_urls: { [api_type + '-base-url']: url } } },
  },

  // A reference to a credential in an environment variable, or in a file: looked up when an engine is built.
  env(name)::
    if is_name(name) then '${env:' + name + '}'
    // What was written may be the credential itself.
    else error 'ep.env: the name of an environment variable has letters, digits and `_`',
  file(path)::
    if std.isString(path) && path != '' then '${file:' + path + '}'
    else error 'ep.file: ' + text(path) + ' is not a path',

  // An extension: ep.extension('acme.routing', 1, { tier: 'standard' }).
  extension(name, version, payload):: { [name + '@v' + version]: payload },
}
