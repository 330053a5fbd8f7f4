create type user_role as enum ('admin', 'user', 'moderator');

create table users (
  id uuid primary key,
  email varchar(254) not null unique,
  full_name varchar(100) not null,
  hashed_password varchar(255) not null,
  role user_role not null default 'user',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table posts (
  id uuid primary key,
  title varchar(200) not null,
  content text not null,
  is_published boolean not null default false,
  author_id uuid not null references users(id),
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create index posts_feed on posts (is_published, created_at desc, id desc);
